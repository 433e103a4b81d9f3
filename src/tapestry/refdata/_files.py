"""Where each reference file lies."""

from enum import StrEnum
from pathlib import Path
from typing import Final


class RefFile(StrEnum):
    """The reference files, by name in this folder."""

    HIGHWAY_NODES = "iraq_highway_nodes.csv"
    HIGHWAY_EDGES = "iraq_highway_edges.csv"
    HIGHWAYS = (
        "iraq_highways.geojson"  # three MultiLineStrings by inside_iraq: 0 outside, 1 inside, 2 crosses
    )
    PLACES = "iraq_places_geonames.csv"
    AIRFIELDS = "iraq_airfields.csv"
    CROSSINGS = "border_crossings_derived.csv"
    SITES = "named_sites.csv"
    GOVERNORATES = "iraq_admin1.geojson"  # for display and coarse tagging, never as legal borders
    OUTLINE = "iraq_outline.geojson"
    RIVERS = "iraq_region_rivers.geojson"
    COUNTRIES = "world_countries.geojson"  # fine around Iraq, coarse elsewhere


BASEMAP_FILES: Final = (
    RefFile.COUNTRIES,
    RefFile.OUTLINE,
    RefFile.GOVERNORATES,
    RefFile.RIVERS,
    RefFile.HIGHWAYS,
)
"""What the map is drawn from, bottom layer first; each is one GeoJSON FeatureCollection."""


def path_of(file: RefFile) -> Path:
    """Return the path of a reference file on this disk."""
    return Path(__file__).parent / file.value
