/** The live map: MapLibre set up once, then fed with what changed. Knows nothing of how the data came. */

import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { Language, Place } from "../api/types";
import { placeFeatures } from "./basemap";
import { liveStyle, metresWide } from "./operational";
import type { Palette } from "./palette";
import { provideImages } from "./symbols";

maplibre.setWorkerUrl(workerUrl);

export const IRAQ: [number, number, number, number] = [38.6, 28.9, 48.7, 37.5];

export type SourceName = "vehicles" | "convoys" | "alerts" | "plan" | "tails" | "fences" | "statuses" | "places";

export interface MapEvents {
  cursor(at: { lat_deg: number; lon_deg: number } | null): void;
  pickVehicle(vehicle_id: number, movement_id: number | null): void;
  pickAlert(alert_id: string): void;
  pickNothing(): void;
  zoom(zoom: number): void;
}

const PICKABLE = ["alert-marks", "symbols", "convoys", "dots"];

export class LiveMap {
  readonly gl: maplibre.Map;
  private readonly data = new Map<SourceName, GeoJSON.FeatureCollection>();
  private readonly busy = new Set<SourceName>();
  private readonly waiting = new Set<SourceName>();
  private corridor: { half_width_m: number; lat_deg: number } | null = null;
  private ready = false;

  constructor(container: HTMLElement, private palette: Palette, private readonly events: MapEvents) {
    this.gl = new maplibre.Map({
      container,
      style: liveStyle(palette),
      bounds: IRAQ,
      fitBoundsOptions: { padding: 16 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      renderWorldCopies: false,
      minZoom: 3,
      maxZoom: 18,
      fadeDuration: 0,
    });
    this.gl.touchZoomRotate.disableRotation();
    this.gl.keyboard.disableRotation();
    provideImages(this.gl, () => this.palette);
    this.gl.addControl(new maplibre.ScaleControl({ maxWidth: 120 }), "bottom-left");
    this.gl.on("style.load", () => {
      this.ready = true;
      this.refill();
    });
    this.listen();
  }

  /** Change colours: the style is swapped whole, pictures are drawn anew, data put back. */
  setPalette(palette: Palette): void {
    this.palette = palette;
    this.ready = false;
    this.gl.setStyle(liveStyle(palette), { diff: false });
  }

  /** Put data into a source; while the worker is still busy with the last, only the newest waits. */
  put(name: SourceName, data: GeoJSON.FeatureCollection): void {
    this.data.set(name, data);
    if (this.busy.has(name)) {
      this.waiting.add(name);
      return;
    }
    void this.send(name);
  }

  setPlaces(places: Place[], language: Language): void {
    this.put("places", placeFeatures(places, language));
  }

  setCorridor(corridor: { half_width_m: number; lat_deg: number } | null): void {
    this.corridor = corridor;
    if (!this.ready || !corridor) return;
    this.gl.setPaintProperty("corridor", "line-width", metresWide(corridor.half_width_m * 2, corridor.lat_deg));
  }

  show(bounds: [number, number, number, number], maxZoom = 14): void {
    this.gl.fitBounds(bounds, { padding: 70, maxZoom, duration: calm() ? 0 : 600 });
  }

  centre(lat_deg: number, lon_deg: number, zoom?: number): void {
    const to = { center: [lon_deg, lat_deg] as [number, number], zoom: Math.max(this.gl.getZoom(), zoom ?? 0) };
    if (calm()) this.gl.jumpTo(to);
    else this.gl.easeTo({ ...to, duration: 600 });
  }

  remove(): void {
    this.gl.remove();
  }

  private async send(name: SourceName): Promise<void> {
    const source = this.ready ? this.gl.getSource<maplibre.GeoJSONSource>(name) : undefined;
    const data = this.data.get(name);
    if (!source || !data) return;
    this.busy.add(name);
    try {
      await source.setData(data);
    } catch {
      // The style was swapped meanwhile; refill() puts the data into the new one.
    }
    this.busy.delete(name);
    if (this.waiting.delete(name)) void this.send(name);
  }

  private refill(): void {
    this.busy.clear();
    this.waiting.clear();
    for (const name of this.data.keys()) void this.send(name);
    this.setCorridor(this.corridor);
  }

  private listen(): void {
    this.gl.on("mousemove", (e) => {
      this.events.cursor({ lat_deg: e.lngLat.lat, lon_deg: e.lngLat.lng });
      if (!this.ready) return;
      this.gl.getCanvas().style.cursor = this.pick(e.point) ? "pointer" : "crosshair";
    });
    this.gl.on("mouseout", () => this.events.cursor(null));
    this.gl.on("zoomend", () => this.events.zoom(this.gl.getZoom()));
    this.gl.on("click", (e) => {
      const found = this.ready ? this.pick(e.point) : undefined;
      if (!found) return this.events.pickNothing();
      const of = found.properties as { id?: number; movement?: number | null; alert_id?: string };
      if (of.alert_id) this.events.pickAlert(of.alert_id);
      else if (of.id !== undefined) this.events.pickVehicle(of.id, of.movement ?? null);
    });
  }

  private pick(point: maplibre.Point): maplibre.MapGeoJSONFeature | undefined {
    const box: [maplibre.PointLike, maplibre.PointLike] = [
      [point.x - 5, point.y - 5],
      [point.x + 5, point.y + 5],
    ];
    return this.gl.queryRenderedFeatures(box, { layers: PICKABLE })[0];
  }
}

function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
