import { lazy } from "react";

/** The map library is large and not every page needs it: it comes when the first map does. */
export const LazyMapView = lazy(() => import("./MapView"));
