/** Pictures for the map, drawn here: military symbols by role and age, the heading tick, rings and alert marks. */

import { ms, numberlandequipment, numberlandunit } from "milsymbol-parts";
import type { Map as GlMap } from "maplibre-gl";
import type { AgeClass } from "../time/age";
import type { Palette } from "./palette";

ms.addIcons([numberlandunit, numberlandequipment]);

const PIXELS = 2; // drawn at twice the size, shown at one: crisp on dense screens

/** APP-6(D) symbol codes: friend (3) for the convoy's own protection, neutral (4) for who is protected. */
const SIDC: Record<string, string> = {
  cargo: "10041500001606000000",
  escort: "10031500001401000000",
  command: "10031500001605000000",
  recovery: "10041500001308000000",
  medical: "10031500001402000000",
  other: "10041500001600000000",
  convoy: "10041000001636000000",
};

/** Return the name of a vehicle's picture; pictures are drawn when the map first asks for one. */
export function symbolName(role: string, age: AgeClass): string {
  return `sym|${role in SIDC ? role : "other"}|${age === "none" ? "lost" : age}`;
}

function symbolCanvas(role: string, age: string, p: Palette): HTMLCanvasElement {
  const friend = SIDC[role]?.[3] === "3";
  const hollow = age !== "fresh";
  const line = age === "lost" ? p.lost : friend ? p.freshEscort : p.fresh;
  const symbol = new ms.Symbol(SIDC[role] ?? "10041500001600000000", {
    size: (role === "convoy" ? 24 : 21) * PIXELS,
    colorMode: p.mil,
    // Neutral green and friendly blue by affiliation; the standard's purple for civilians would say a third thing.
    civilianColor: false,
    ...(p.milInk && !hollow ? { frameColor: p.milInk, iconColor: p.milInk } : {}),
    outlineColor: p.halo,
    outlineWidth: hollow ? 6 : 4,
    strokeWidth: age === "lost" ? 3 : 4,
    ...(hollow ? { fill: false, monoColor: line } : {}),
  });
  const drawn = symbol.asCanvas();
  if (!hollow) return drawn;
  const faded = blank(drawn.width, drawn.height);
  faded.pen.globalAlpha = age === "stale" ? 0.8 : 0.7;
  faded.pen.drawImage(drawn, 0, 0);
  return faded.canvas;
}

function blank(width: number, height: number): { canvas: HTMLCanvasElement; pen: CanvasRenderingContext2D } {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser gives no 2D canvas; the map cannot draw its symbols");
  return { canvas, pen };
}

/** A tick that points up from the rim of the symbol; the map turns it to the heading. */
function headingCanvas(p: Palette): HTMLCanvasElement {
  const { canvas, pen } = blank(96, 96);
  pen.translate(48, 48);
  pen.beginPath();
  pen.moveTo(0, -44);
  pen.lineTo(8, -29);
  pen.lineTo(-8, -29);
  pen.closePath();
  pen.fillStyle = p.ink;
  pen.strokeStyle = p.halo;
  pen.lineWidth = 3;
  pen.stroke();
  pen.fill();
  return canvas;
}

function disputedCanvas(p: Palette): HTMLCanvasElement {
  const { canvas, pen } = blank(104, 104);
  pen.setLineDash([11, 7]);
  pen.lineWidth = 9;
  pen.strokeStyle = p.halo;
  pen.beginPath();
  pen.arc(52, 52, 45, 0, Math.PI * 2);
  pen.stroke();
  pen.lineWidth = 5;
  pen.strokeStyle = p.warning;
  pen.stroke();
  return canvas;
}

/** Octagon, triangle, disc: severity is told by shape, then by colour. */
function markCanvas(severity: string, p: Palette): HTMLCanvasElement {
  const { canvas, pen } = blank(40, 40);
  pen.translate(20, 20);
  pen.beginPath();
  if (severity === "notice") pen.arc(0, 0, 13, 0, Math.PI * 2);
  else {
    const corners = severity === "emergency" ? 8 : 3;
    const turn = severity === "emergency" ? Math.PI / 8 : -Math.PI / 2;
    for (let i = 0; i < corners; i += 1) {
      const angle = turn + (i * 2 * Math.PI) / corners;
      pen.lineTo(17 * Math.cos(angle), (corners === 3 ? 4 : 0) + 17 * Math.sin(angle));
    }
    pen.closePath();
  }
  pen.fillStyle = severity === "emergency" ? p.distress : severity === "warning" ? p.warning : p.ink;
  pen.strokeStyle = p.halo;
  pen.lineWidth = 3;
  pen.stroke();
  pen.fill();
  pen.fillStyle = p.halo;
  pen.font = "bold 20px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(severity === "notice" ? "i" : "!", 0, severity === "warning" ? 4 : 1);
  return canvas;
}

function drawn(name: string, p: Palette): HTMLCanvasElement | null {
  const [kind, role = "other", age = "fresh"] = name.split("|");
  if (kind === "sym") return symbolCanvas(role, age, p);
  if (name === "heading") return headingCanvas(p);
  if (name === "disputed") return disputedCanvas(p);
  if (name.startsWith("mark-")) return markCanvas(name.slice(5), p);
  return null;
}

/** Let the map draw each picture the first time that it needs it. */
export function provideImages(map: GlMap, palette: () => Palette): void {
  map.setMissingStyleImageResolver((id) => {
    const canvas = drawn(id, palette());
    const pen = canvas?.getContext("2d");
    if (!canvas || !pen || map.hasImage(id)) return;
    map.addImage(id, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: PIXELS });
  });
}
