/** milsymbol with the two symbol sets used here: Vite's alias points at the package's own index.mjs. */
declare module "milsymbol-parts" {
  interface SymbolOptions {
    size?: number;
    colorMode?: string | Record<string, string>;
    civilianColor?: boolean;
    frameColor?: string;
    iconColor?: string;
    outlineColor?: string;
    outlineWidth?: number;
    strokeWidth?: number;
    fill?: boolean;
    monoColor?: string;
  }
  class MilSymbol {
    constructor(sidc: string, options?: SymbolOptions);
    asCanvas(): HTMLCanvasElement;
    asSVG(): string;
    isValid(): boolean;
  }
  export const ms: { Symbol: typeof MilSymbol; addIcons(icons: unknown): void };
  export const numberlandequipment: unknown;
  export const numberlandunit: unknown;
}
