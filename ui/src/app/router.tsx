import { createBrowserRouter } from "react-router";
import { Broken } from "./Broken";
import { Frame } from "./Frame";
import { Guard } from "./Guard";
import { openRoom } from "../i18n";
import { NotFound } from "./NotFound";

const page = (load: () => Promise<{ default: React.ComponentType }>) => async () => ({ Component: (await load()).default });
type Room = Parameters<typeof openRoom>[0];
/** A page whose words come with it. */
const inRoom = (rooms: Room | Room[], load: () => Promise<{ default: React.ComponentType }>) => async () => {
  const [{ default: Component }] = await Promise.all([load(), ...[rooms].flat().map(openRoom)]);
  return { Component };
};

export const router = createBrowserRouter([
  {
    path: "/",
    element: <Frame />,
    errorElement: <Broken />,
    // nothing is shown while the first page's chunk arrives: it is a blink
    hydrateFallbackElement: <span />,
    children: [
      {
        element: <Guard need="case.read" />,
        errorElement: <Broken />,
        children: [
          { index: true, lazy: page(() => import("../pages/overview/Overview")) },
          { path: "cases", lazy: inRoom(["dispatch", "views"], () => import("../pages/cases/Cases")) },
          { path: "merges", lazy: inRoom("desk", () => import("../pages/desk/Merges")) },
          { path: "orders", lazy: inRoom(["reconcile", "petitions", "natures"], () => import("../pages/orders/Orders")) },
          { path: "cases/:id/letters/:letter", lazy: inRoom("answers", () => import("../pages/case/Letter")) },
          { path: "duty", lazy: inRoom("duty", () => import("../pages/duty/Duty")) },
          { path: "duty/incidents/:id/print", lazy: inRoom(["duty", "answers"], () => import("../pages/duty/IncidentPaper")) },
          { path: "cases/:id", lazy: inRoom(["desk", "answers", "petitions", "clocks", "duty", "dispatch", "natures", "verify", "views", "discover"], () => import("../pages/case/Case")) },
          { path: "natures", lazy: inRoom("natures", () => import("../pages/natures/Natures")) },
          { path: "natures/orders/:id", lazy: inRoom("natures", () => import("../pages/natures/HazardPaper")) },
          { path: "cases/:id/print", lazy: inRoom(["clocks", "views"], () => import("../pages/case/Print")) },
        ],
      },
      {
        element: <Guard need="score.read" />,
        errorElement: <Broken />,
        children: [
          { path: "scores", lazy: inRoom("scores", () => import("../pages/scores/Scores")) },
          { path: "flow", lazy: inRoom("flow", () => import("../pages/flow/Flow")) },
          { path: "speed", lazy: inRoom("flow", () => import("../pages/flow/Speed")) },
          { path: "reports", lazy: inRoom("reports", () => import("../pages/reports/Reports")) },
          { path: "reports/:id", lazy: inRoom("reports", () => import("../pages/reports/Report")) },
        ],
      },
      {
        element: <Guard need={["case.verify", "order.answer"]} />,
        errorElement: <Broken />,
        children: [{ path: "call-backs", lazy: inRoom("verify", () => import("../pages/callbacks/CallBackList")) }],
      },
      {
        element: <Guard need="camera.watch" />,
        errorElement: <Broken />,
        children: [{ path: "findings", lazy: inRoom("discover", () => import("../pages/discover/Findings")) }],
      },
      {
        element: <Guard need="warning.read" />,
        errorElement: <Broken />,
        children: [
          { path: "warnings", lazy: inRoom("warn", () => import("../pages/warn/Warnings")) },
          { path: "warnings/rounds", lazy: inRoom("warn", () => import("../pages/warn/Rounds")) },
          { path: "warnings/forecast", lazy: inRoom("warn", () => import("../pages/warn/Forecast")) },
          { path: "warnings/notes", lazy: inRoom("warn", () => import("../pages/warn/Notes")) },
          { path: "warnings/:id", lazy: inRoom("warn", () => import("../pages/warn/Warning")) },
        ],
      },
      {
        element: <Guard need={["camera.watch", "camera.set_up"]} />,
        errorElement: <Broken />,
        children: [
          { path: "cameras", lazy: inRoom("discover", () => import("../pages/discover/Cameras")) },
          { path: "cameras/:id", lazy: inRoom("discover", () => import("../pages/discover/Camera")) },
        ],
      },
      {
        element: <Guard need="camera.set_up" />,
        errorElement: <Broken />,
        children: [
          { path: "cameras/new", lazy: inRoom("discover", () => import("../pages/discover/NewCamera")) },
          { path: "cameras/catalogue", lazy: inRoom("discover", () => import("../pages/discover/Catalogue")) },
        ],
      },
      {
        element: <Guard need="case.correct" />,
        errorElement: <Broken />,
        children: [{ path: "desk", lazy: inRoom(["desk", "dispatch", "natures"], () => import("../pages/desk/Desk")) }],
      },
      {
        element: <Guard need={["import.read", "import.run"]} />,
        errorElement: <Broken />,
        children: [{ path: "imports", lazy: page(() => import("../pages/imports/Imports")) }],
      },
      {
        element: <Guard need={["vault.forget", "key.rotate", "audit.read"]} />,
        errorElement: <Broken />,
        children: [{ path: "admin/vault", lazy: page(() => import("../pages/vault/Vault")) }],
      },
      {
        element: <Guard need="signal.register" />,
        errorElement: <Broken />,
        children: [{ path: "phone", lazy: page(() => import("../pages/phone/Phone")) }],
      },
      {
        element: <Guard need={["account.manage", "staff.manage", "role.grant"]} />,
        errorElement: <Broken />,
        children: [{ path: "admin/accounts", lazy: page(() => import("../pages/admin/Accounts")) }],
      },
      {
        element: <Guard need="audit.read" />,
        errorElement: <Broken />,
        children: [{ path: "admin/audit", lazy: page(() => import("../pages/admin/Audit")) }],
      },
      {
        element: <Guard need="system.operate" />,
        errorElement: <Broken />,
        children: [{ path: "admin/system", lazy: inRoom("system", () => import("../pages/system/System")) }],
      },
      { path: "account", errorElement: <Broken />, lazy: inRoom("notify", () => import("../pages/account/Account")) },
      {
        element: <Guard need="directory.read" />,
        errorElement: <Broken />,
        children: [
          { path: "directory", lazy: inRoom("directory", () => import("../pages/directory/Directory")) },
          { path: "directory/folder", lazy: inRoom("directory", () => import("../pages/directory/Folder")) },
        ],
      },
      {
        element: <Guard need="duty.read" />,
        errorElement: <Broken />,
        children: [{ path: "duty/handovers/:id", lazy: inRoom("duty", () => import("../pages/duty/Handover")) }],
      },
      { path: "*", element: <NotFound /> },
    ],
  },
]);
