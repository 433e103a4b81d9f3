/** What lies over the ground: fences, the plan, tails, vehicles, alerts. Layers only; data come from features.ts. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { baseLayers, baseSources, empty, FONT, FONT_BOLD } from "./basemap";
import type { Palette } from "./palette";
import { threatColours } from "./threat";

/** From here on every vehicle is a symbol; below, a convoy is one symbol and its vehicles are dots. */
export const SYMBOLS_FROM_ZOOM = 11;

/** Metres per pixel at zoom 0 on the equator, for 512-pixel tiles: 40,075,016.7 / 512. */
const METRES_PER_PIXEL_Z0 = 78_271.517;

const ageColour = (p: Palette, fresh: ExpressionSpecification | string): ExpressionSpecification => [
  "match", ["get", "age_class"], "fresh", fresh, "stale", p.stale, p.lost,
];
const inkByAge = (p: Palette): ExpressionSpecification => [
  "match", ["get", "age_class"], "fresh", p.ink, "stale", p.inkStale, p.inkLost,
];

/** Return the line width that makes a line `width_m` metres wide on the ground at a latitude. */
export function metresWide(width_m: number, lat_deg: number): ExpressionSpecification {
  const at0 = width_m / (METRES_PER_PIXEL_Z0 * Math.cos((lat_deg * Math.PI) / 180));
  return ["interpolate", ["exponential", 2], ["zoom"], 0, at0, 22, at0 * 2 ** 22];
}

function planLayers(p: Palette): LayerSpecification[] {
  return [
    {
      id: "fence-fill", type: "fill", source: "fences",
      paint: { "fill-color": p.fence, "fill-opacity": 0.07 },
    },
    {
      id: "fence-line", type: "line", source: "fences",
      paint: { "line-color": p.fence, "line-width": 1.4, "line-dasharray": [2, 1.5] },
    },
    {
      id: "fence-name", type: "symbol", source: "fences", minzoom: 7.5,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11 },
      paint: { "text-color": p.fence, "text-halo-color": p.halo, "text-halo-width": 1.4 },
    },
    ...roadLayers(p),
    {
      id: "corridor", type: "line", source: "plan", filter: ["==", ["get", "what"], "route"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.corridor, "line-opacity": 0.16, "line-width": 6 },
    },
    {
      id: "route", type: "line", source: "plan", filter: ["==", ["get", "what"], "route"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.route, "line-width": 2, "line-dasharray": [3, 1.6] },
    },
    {
      id: "tails", type: "line", source: "tails",
      layout: { "line-cap": "butt", "line-join": "round" },
      paint: {
        "line-color": p.tail,
        "line-width": 1.8,
        "line-opacity": ["match", ["get", "part"], 0, 0.2, 1, 0.4, 0.7],
      },
    },
    {
      id: "checkpoints", type: "circle", source: "plan", filter: ["==", ["get", "what"], "checkpoint"],
      paint: { "circle-radius": 5, "circle-color": p.home, "circle-stroke-color": p.route, "circle-stroke-width": 2 },
    },
    {
      id: "checkpoint-names", type: "symbol", source: "plan", filter: ["==", ["get", "what"], "checkpoint"],
      layout: {
        "text-field": ["get", "label"], "text-font": FONT, "text-size": 11,
        "text-anchor": "left", "text-offset": [0.8, 0], "text-justify": "auto",
      },
      paint: { "text-color": p.route, "text-halo-color": p.halo, "text-halo-width": 1.6 },
    },
  ];
}

/** What is said of roads: wide lines under everything that moves; unknown ones dashed, names from the middle zooms on. */
function roadLayers(p: Palette): LayerSpecification[] {
  const c = threatColours(p);
  const colour: ExpressionSpecification = ["match", ["get", "threat"], "green", c.green, "amber", c.amber, "red", c.red, "black", c.black, c.unknown];
  const unknown: ExpressionSpecification = ["==", ["get", "threat"], "unknown"];
  return [
    { id: "road-status", type: "line", source: "statuses", filter: ["!", unknown], layout: { "line-join": "round" }, paint: { "line-color": colour, "line-width": 6, "line-opacity": 0.55 } },
    { id: "road-unknown", type: "line", source: "statuses", filter: unknown, paint: { "line-color": colour, "line-width": 5, "line-opacity": 0.7, "line-dasharray": [2, 1.4] } },
    {
      id: "road-names", type: "symbol", source: "statuses", minzoom: 7,
      layout: { "symbol-placement": "line-center", "text-field": ["get", "label"], "text-font": FONT, "text-size": 11 },
      paint: { "text-color": p.ink, "text-halo-color": p.halo, "text-halo-width": 1.6 },
    },
  ];
}

function vehicleLayers(p: Palette): LayerSpecification[] {
  const isSolo: ExpressionSpecification = ["==", ["get", "solo"], 1];
  return [
    {
      id: "selected", type: "circle", source: "vehicles", filter: ["==", ["get", "selected"], 1],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 8, 12, 21],
        "circle-color": "transparent", "circle-stroke-color": p.select, "circle-stroke-width": 2,
      },
    },
    {
      id: "dots", type: "circle", source: "vehicles", maxzoom: SYMBOLS_FROM_ZOOM,
      filter: ["!=", ["get", "solo"], 1],
      paint: {
        "circle-radius": 3.6,
        "circle-color": ["match", ["get", "age_class"], "fresh", p.fresh, "transparent"],
        "circle-stroke-color": ageColour(p, p.home),
        "circle-stroke-width": ["match", ["get", "age_class"], "fresh", 0.8, 1.6],
      },
    },
    {
      id: "headings", type: "symbol", source: "vehicles", minzoom: SYMBOLS_FROM_ZOOM,
      filter: ["all", ["has", "heading"], ["==", ["get", "age_class"], "fresh"]],
      layout: {
        "icon-image": "heading", "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map",
        "icon-allow-overlap": true, "icon-ignore-placement": true,
      },
    },
    {
      id: "disputed", type: "symbol", source: "vehicles", filter: ["==", ["get", "disputed"], 1],
      layout: { "icon-image": "disputed", "icon-allow-overlap": true, "icon-ignore-placement": true },
    },
    symbolLayer("vehicles", p, ["any", [">=", ["zoom"], SYMBOLS_FROM_ZOOM], isSolo]),
    {
      id: "convoys", type: "symbol", source: "convoys", maxzoom: SYMBOLS_FROM_ZOOM,
      layout: {
        // These are few: they keep place names clear of themselves, as the thousands of vehicles do not.
        "icon-image": ["get", "icon"], "icon-allow-overlap": true,
        ...labelLayout,
        "text-field": [
          "format", ["get", "label"], { "text-font": ["literal", FONT_BOLD] },
          "\n", {}, ["get", "age"], { "font-scale": 0.85 },
        ],
      },
      paint: { "text-color": inkByAge(p), "text-halo-color": p.halo, "text-halo-width": 1.6 },
    },
    {
      id: "alert-rings", type: "circle", source: "alerts", filter: ["==", ["get", "severity"], "emergency"],
      paint: {
        "circle-radius": 24, "circle-color": p.distress, "circle-opacity": 0.1,
        "circle-stroke-color": p.distress, "circle-stroke-width": 3,
      },
    },
    {
      id: "alert-marks", type: "symbol", source: "alerts",
      layout: {
        "icon-image": ["concat", "mark-", ["get", "severity"]], "icon-offset": [17, -17],
        "icon-allow-overlap": true, "icon-ignore-placement": true,
      },
    },
  ];
}

const labelLayout = {
  "text-font": FONT,
  "text-size": 11.5,
  "text-line-height": 1.1,
  "text-variable-anchor": ["left", "right", "top", "bottom"] as ("left" | "right" | "top" | "bottom")[],
  "text-radial-offset": 1.6,
  "text-justify": "auto" as const,
  "text-optional": true,
};

function symbolLayer(source: string, p: Palette, shown: ExpressionSpecification): LayerSpecification {
  return {
    id: "symbols", type: "symbol", source,
    filter: shown,
    layout: {
      "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-ignore-placement": true,
      "symbol-sort-key": ["get", "sort"],
      ...labelLayout,
      "text-field": [
        "format", ["get", "label"], { "text-font": ["literal", FONT_BOLD] },
        "\n", {}, ["get", "age"], { "font-scale": 0.85 },
      ],
    },
    paint: { "text-color": inkByAge(p), "text-halo-color": p.halo, "text-halo-width": 1.6 },
  };
}

export function liveStyle(p: Palette): StyleSpecification {
  return {
    version: 8,
    sources: {
      ...baseSources(),
      fences: empty(), statuses: empty(), plan: empty(), tails: empty(), vehicles: empty(), convoys: empty(), alerts: empty(),
    },
    layers: [...baseLayers(p), ...planLayers(p), ...vehicleLayers(p)],
  };
}
