import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { addCamera } from "../../api/discover";
import { api, take } from "../../api/client";
import type { NewCamera as Body } from "../../api/types";
import { useArea } from "../../app/session";
import { Head } from "./Head";
import { SetUpForm } from "./SetUpForm";
import { useChange } from "./useChange";

/** A camera of the directory begins to be watched: it is off until somebody switches it on. */
export default function NewCamera() {
  const { t } = useTranslation();
  const { area } = useArea();
  const go = useNavigate();
  const [code, setCode] = useState("");
  const q = code.trim();
  const known = useQuery({
    queryKey: ["directory", area.code, "cameras", q] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/directory/records/{kind}", { params: { path: { kind: "camera" }, query: { area: area.code, q: q || undefined, limit: 20 } }, signal })),
  });
  const { run, busy, refused } = useChange((body: Body) => addCamera(body), (camera) => void go(`/cameras/${camera.id}`));
  return (
    <div className="cs" data-testid="new-camera-page">
      <Head />
      <div className="di-narrow">
        <SetUpForm busy={busy} refused={refused} onSave={(body) => run({ ...body, camera: q, area: area.code })}>
          <label className="di-field">{t("discover.which")}
            <input value={code} list="di-known" required maxLength={100} autoComplete="off" data-testid="new-camera-code" onChange={(event) => setCode(event.target.value)} />
          </label>
          <datalist id="di-known">
            {known.data?.items.map((one) => <option key={one.code} value={one.code}>{String(one.values["name"] ?? "")}</option>)}
          </datalist>
        </SetUpForm>
      </div>
    </div>
  );
}
