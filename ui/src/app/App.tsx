import { lazy, Suspense } from "react";
import { RouterProvider } from "react-router/dom";
import { useAntdLocale } from "../i18n";
import { ErrorBlank } from "../shared/Blank";
import { ThemeProvider } from "../theme/ThemeProvider";
import { router } from "./router";
import { SessionProvider, useSessionQuery } from "./session";

const SignIn = lazy(() => import("../pages/signin/SignIn"));
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
      <Gate />
    </ThemeProvider>
  );
}
