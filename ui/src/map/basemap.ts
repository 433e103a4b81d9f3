/** The map's ground: our own files from /basemap and /api/places, nothing from outside. */

import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Language, Place } from "../api/types";
import type { Palette } from "./palette";

/** Drawn from the system's fonts by MapLibre itself: the style names no glyph files on purpose. */
export const FONT = ["Noto Sans", "Segoe UI", "Roboto", "Noto Sans Arabic", "Tahoma", "sans-serif"];
export const FONT_BOLD = ["Noto Sans Bold", "Segoe UI Bold", "Roboto Bold", "Noto Sans Arabic Bold", "Tahoma Bold", "sans-serif"];

const file = (name: string): SourceSpecification => ({ type: "geojson", data: `/basemap/${name}.geojson` });
const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
export const empty = (): SourceSpecification => ({ type: "geojson", data: NOTHING });

/** Return place labels in a language; towns that lack the name fall back to the next script people here read. */
export function placeFeatures(places: Place[], language: Language): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: places.map((p) => ({
      type: "Feature",
      properties: {
        name: nameOf(p, language),
        rank: rankOf(p),
      },
      geometry: { type: "Point", coordinates: [p.lon_deg, p.lat_deg] },
    })),
  };
}

function nameOf(place: Place, language: Language): string {
  if (language === "ckb") return place.name_ckb || place.name_ar || place.name;
  return (language === "ar" && place.name_ar) || place.name;
}

/** 0 is the largest; decides from which zoom a name is shown. */
function rankOf(place: Place): number {
  if (place.kind && place.kind !== "town") return 3;
  const people = place.population ?? 0;
  return people > 600_000 ? 0 : people > 150_000 ? 1 : people > 40_000 ? 2 : 3;
}

function placeLayer(rank: number, minzoom: number, p: Palette): LayerSpecification {
  return {
    id: `places-${rank}`,
    type: "symbol",
    source: "places",
    minzoom,
    filter: ["==", ["get", "rank"], rank],
    layout: {
      "text-field": ["get", "name"],
      "text-font": rank === 0 ? FONT_BOLD : FONT,
      "text-size": rank === 0 ? 13 : rank === 1 ? 12 : 11,
      "text-variable-anchor": ["top", "bottom", "left", "right"],
      "text-radial-offset": 0.4,
      "text-max-width": 8,
    },
    paint: { "text-color": p.town, "text-halo-color": p.halo, "text-halo-width": 1.4 },
  };
}

export function baseSources(): Record<string, SourceSpecification> {
  return {
    countries: file("world_countries"),
    outline: file("iraq_outline"),
    admin: file("iraq_admin1"),
    rivers: file("iraq_region_rivers"),
    roads: file("iraq_highways"),
    places: empty(),
  };
}

export function baseLayers(p: Palette): LayerSpecification[] {
  return [
    { id: "sea", type: "background", paint: { "background-color": p.sea } },
    { id: "countries", type: "fill", source: "countries", paint: { "fill-color": p.land } },
    { id: "home", type: "fill", source: "outline", paint: { "fill-color": p.home } },
    {
      id: "rivers",
      type: "line",
      source: "rivers",
      paint: { "line-color": p.river, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 1, 12, 4] },
    },
    { id: "borders", type: "line", source: "countries", paint: { "line-color": p.border, "line-width": 0.6 } },
    {
      id: "admin",
      type: "line",
      source: "admin",
      paint: { "line-color": p.admin, "line-width": 1, "line-dasharray": [4, 2] },
    },
    { id: "outline", type: "line", source: "outline", paint: { "line-color": p.border, "line-width": 1.6 } },
    {
      id: "roads-case",
      type: "line",
      source: "roads",
      minzoom: 8,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.roadCase, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 3, 15, 9] },
    },
    {
      id: "roads",
      type: "line",
      source: "roads",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": p.road,
        "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.7, 9, 1.6, 15, 6],
        "line-opacity": ["case", ["==", ["get", "inside_iraq"], 0], 0.35, 1],
      },
    },
    {
      id: "towns",
      type: "circle",
      source: "places",
      minzoom: 5,
      filter: ["<=", ["get", "rank"], 1],
      paint: { "circle-color": p.town, "circle-radius": ["case", ["==", ["get", "rank"], 0], 2.6, 1.8] },
    },
    placeLayer(3, 9.5, p),
    placeLayer(2, 7.5, p),
    placeLayer(1, 6.2, p),
    placeLayer(0, 4.5, p),
  ];
}

/** A style of the ground alone, for maps one draws on. */
export function groundStyle(p: Palette): StyleSpecification {
  return { version: 8, sources: baseSources(), layers: baseLayers(p) };
}
