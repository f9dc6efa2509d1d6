import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { beginEnrolment, confirmEnrolment } from "../../api/accounts";
import { asProblem } from "../../api/problem";
import type { WentOn } from "../../api/queries";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { OfferForm } from "../account/OfferForm";
import { RecoveryCodes } from "../account/RecoveryCodes";

/** Setting up the second factor before the first session; then the recovery codes, once. */
export function Enrolment({ onDone, onOver }: { onDone: (answer: WentOn) => void; onOver: () => void }) {
  const { t } = useTranslation();
  const offer = useQuery({ queryKey: ["enrolment"], queryFn: beginEnrolment, gcTime: 0, retry: false });
  const [enrolled, setEnrolled] = useState<{ codes: string[]; next: WentOn } | null>(null);
  if (enrolled)
    return (
      <>
        <RecoveryCodes codes={enrolled.codes} />
        <Button type="primary" block data-testid="codes-kept" onClick={() => onDone(enrolled.next)}>{t("account.codes_kept")}</Button>
      </>
    );
  if (offer.isError) return <ErrorBlank error={offer.error} onRetry={() => void offer.refetch()} />;
  if (!offer.data) return <Loading rows={4} />;
  return (
    <>
      <p className="sw-small sw-quiet">{t("account.enrol_why")}</p>
      <OfferForm offer={offer.data} confirm={async (code) => {
        try {
          const done = await confirmEnrolment(code);
          const next = done.session ?? done.pending;
          if (next) setEnrolled({ codes: done.recovery_codes, next });
        } catch (error) {
          if (asProblem(error).code === "sign_in_over") onOver();
          else throw error;
        }
      }} />
    </>
  );
}
