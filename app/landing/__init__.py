"""Landing: where the quota of a paid lot becomes construction land near the city.

The holder of a certificate **selects** plots of urbanised counties beforehand; their areas are
reserved on the certificate. When the land itself is sold, outside this exchange and to anybody,
the **land sale** is reported here: the county's cropland becomes construction land, the
certificate's area and cost fall by the plot's part, a winner who is not the holder pays the holder
that cost, and the cost offsets part of the two fees. The collective whose farmland was taken gets
an off-site contracting right over as much reclaimed farmland.

Certificates are the settlement slice's; this slice locks them before it counts free area. Nothing
depends on this slice.
"""

from app.landing.explain import EXPLAINERS
from app.landing.routes import router

__all__ = ["EXPLAINERS", "router"]
