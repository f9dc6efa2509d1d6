import { lazy, Suspense } from "react";
import { RouterProvider } from "react-router/dom";
import { openRoom, useAntdLocale } from "../i18n";
import { ErrorBlank } from "../shared/Blank";
import { ThemeProvider } from "../theme/ThemeProvider";
import { router } from "./router";
import { SessionProvider, useSessionQuery } from "./session";

const SignIn = lazy(() => import("../pages/signin/SignIn"));
/** Behind a link, for a resident: no session is asked for. */
const PublicBack = lazy(async () => {
  const [page] = await Promise.all([import("../pages/callbacks/PublicBack"), openRoom("verify")]);
  return page;
});
const Setup = lazy(() => import("../pages/setup/Setup"));

/** Sign-in while nobody is signed in, else the pages. */
function Gate() {
  const session = useSessionQuery();
  if (session.data)
    return (
      <SessionProvider session={session.data}>
        <RouterProvider router={router} />
      </SessionProvider>
    );
  if (session.data === null)
    return (
      <Suspense fallback={null}>
        {window.location.pathname === "/setup" ? <Setup /> : <SignIn />}
      </Suspense>
    );
  if (session.error) return <ErrorBlank error={session.error} onRetry={() => void session.refetch()} />;
  return null;
}

export function App() {
  const locale = useAntdLocale();
  return (
    <ThemeProvider locale={locale}>
      {window.location.pathname === "/back" ? <Suspense fallback={null}><PublicBack /></Suspense> : <Gate />}
    </ThemeProvider>
  );
}
