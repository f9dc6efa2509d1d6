/** The server's types (schema.d.ts is generated from openapi.json) under the names used here. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Capability =
  | "case.read" | "case.accept" | "case.dispatch" | "case.start" | "case.report" | "case.verify" | "case.close"
  | "import.run" | "import.read" | "journal.read" | "directory.read" | "signal.register" | "order.answer" | "score.read" | "baseline.freeze"
  | "vault.read" | "vault.read_restricted" | "vault.search" | "vault.forget" | "key.rotate" | "audit.read"
  | "case.return" | "case.reassign" | "case.whistle" | "case.arrive" | "case.co_report" | "case.release"
  | "case.close_otherwise" | "case.reopen" | "case.appeal" | "case.review_appeal"
  | "case.ask_extension" | "case.grant_extension" | "case.refuse_extension"
  | "case.ask_suspension" | "case.grant_suspension" | "case.refuse_suspension" | "case.resume"
  | "case.direct" | "report.make" | "directive.report" | "duty.read" | "duty.write" | "duty.lead" | "incident.write"
  | "hazard.order" | "dispute.mediate"
  | "camera.watch" | "camera.set_up" | "finding.judge"
  | "warning.read" | "preventive.agree"
  | "case.correct" | "account.manage" | "staff.manage" | "role.grant" | "directory.write" | "directory.export" | "system.operate";

export type About = Schemas["AboutView"];
export type DemoAccount = Schemas["DemoAccount"];
export type Session = Schemas["SessionView"];
export type Area = Schemas["AreaView"];
export type OnDutyView = Schemas["OnDutyView"];
export type Pending = Schemas["PendingView"];
export type Offer = Schemas["OfferView"];
export type Enrolled = Schemas["EnrolledView"];
export type Account = Schemas["AccountView"];
export type Person = Schemas["PersonView"];
export type AuditEntry = Schemas["AuditEntryView"];
export type Administrator = Schemas["AdministratorForm"];

export type CaseRow = Schemas["CaseRow"];
export type CaseView = Schemas["CaseView"];
export type CasePage = Schemas["CasePage"];
export type Count = Schemas["Count"];
export type CaseState = CaseRow["state"];
export type DueState = CaseRow["due_state"];
export type Signal = Schemas["SignalView"];
export type Photo = Schemas["PhotoView"];
export type Entry = Schemas["EntryView"];
/** One step of an explanation; the words table makes a sentence of it. */
export type Why = Schemas["StepView"];

export type CameraPage = Schemas["CameraPage"];
export type CameraRow = Schemas["CameraRowView"];
export type CameraState = CameraRow["state"];
export type WatchedCamera = Schemas["CameraView"];
export type PushToken = Schemas["PushTokenView"];
export type Threshold = Schemas["ThresholdView"];
export type EvidenceList = Schemas["EvidenceList"];
export type Evidence = Schemas["EvidenceView"];
export type Zone = Schemas["ZoneView"];
export type Scene = Schemas["SceneView"];
export type Cadence = Schemas["CadenceView"];
export type CadencePoint = Schemas["CadencePoint"];
export type FindingPage = Schemas["FindingPage"];
export type Finding = Schemas["FindingView"];
export type VerdictBody = Schemas["VerdictForm"];
export type NewCamera = Schemas["NewCameraForm"];
export type SetUpBody = Schemas["SetUpForm"];
export type ZoneBody = Schemas["ZoneForm"];
export type WarningPage = Schemas["WarningPage"];
export type WarningRow = Schemas["WarningRow"];
export type WarningView = Schemas["WarningView"];
export type WarnNight = Schemas["NightView"];
export type WarnNotes = Schemas["NotesView"];
export type WarnForecast = Schemas["ForecastView"];
export type WarnRounds = Schemas["RoundsView"];
export type PreventiveTask = Schemas["TaskView"];
export type Look = Schemas["LookView"];
export type LookReason = Schemas["LookForm"]["reason"];
export type Catalogue = Schemas["CatalogueView"];

export type CaseCheck = Schemas["CaseCheckView"];
export type CallBacks = Schemas["CallBacksView"];
export type CallBack = Schemas["CallBackView"];
export type CallBackForm = Schemas["CallBackForm"];
export type CallBackList = Schemas["CallBackList"];
export type CallBackLine = Schemas["CallBackLine"];
export type Estimates = Schemas["Estimates"];
export type PublicCallBack = Schemas["PublicCallBack"];
export type PublicAnswer = Schemas["PublicAnswer"];

export type CaseClocks = Schemas["CaseClocks"];
export type CaseClock = Schemas["ClockView"];
export type TimeRequest = Schemas["RequestView"];

export type Order = Schemas["OrderView"];
export type OrderLine = Schemas["OrderLine"];
export type OrderPage = Schemas["OrderPageView"];
export type OrderState = Order["state"];
export type OrderAction = Order["actions"][number];
export type Ground = Schemas["GroundView"];
export type UpstreamForm = Schemas["UpstreamForm"];
export type Contacts = Schemas["ContactsView"];
export type Contact = Schemas["ContactView"];
export type ContactResult = Contact["result"];
export type ContactForm = Schemas["ContactForm"];
export type Promises = Schemas["PromisesView"];
export type SavedViews = Schemas["SavedViews"];
export type NoticeOffer = Schemas["NoticeOffer"];
export type Reconciliation = Schemas["ReconciliationView"];
export type ReconcileRun = Schemas["RunView"];
export type ReconcilePage = Schemas["LinePage"];
export type ReconcileLine = Schemas["LineView"];
export type ReconcileKind = ReconcileLine["kind"];
export type Answers = Schemas["AnswersView"];
/** One who told of a case, and how that one is answered. */
export type PetitionLetter = Schemas["PetitionLetter"];
export type TellerVoice = Schemas["VoiceView"];
export type AnswerCheck = Schemas["CheckView"];
export type SimilarAnswer = Schemas["SimilarView"];
export type Assist = Schemas["AssistView"];
export type Hints = Schemas["Hints"];
export type KnownCase = Schemas["KnownCase"];
export type PlaceHint = Schemas["PlaceHint"];
export type CallForm = Schemas["CallForm"];
export type Registered = Schemas["Registered"];

export type Desk = Schemas["DeskView"];
export type DeskItem = Schemas["DeskItem"];
export type Doubt = Understanding["doubts"][number];
export type Aside = Schemas["AsideView"];
/** What was understood of a case, and what of it waits for a decision. */
export type Understanding = Schemas["Understanding"];
export type RankedClass = Schemas["RankedClass"];
export type PlaceOption = Schemas["PlaceOption"];
export type CaseRef = Schemas["CaseRef"];
/** Another case that may be the same, have come back, or have the same cause. */
export type MergeOffer = Understanding["offers"][number];
/** Several cases that may have one cause. */
export type CauseOffer = Schemas["CauseOfferView"];
export type Link = Schemas["LinkView"];
export type Join = Schemas["JoinView"];
export type MergeReview = Schemas["MergeReview"];
export type Correction = Schemas["CorrectForm"];
export type Opened = Schemas["Opened"];
export type SplitDone = Schemas["SplitDone"];
export type SplitPart = Schemas["SplitPart"];
export type Learning = Schemas["LearningView"];

export type ActionOffer = Schemas["ActionOffer"];
export type ActionName = ActionOffer["action"];
export type UnitOffer = Schemas["UnitOffer"];
export type ActionBody = Schemas["ActionForm"];
export type BulkBody = Schemas["BulkForm"];
export type BulkResult = Schemas["BulkResult"];
export type BulkOffers = Schemas["BulkOffers"];
export type BulkOffer = Schemas["BulkOffer"];
export type DispatchPreview = Schemas["DispatchPreview"];
export type DispatchLine = Schemas["DispatchLine"];
export type DispatchBody = Schemas["DispatchForm"];
export type DispatchResult = Schemas["DispatchResult"];
export type Step = Schemas["StepView"];
export type DeskLock = Schemas["LockView"];
export type Condition = Schemas["ConditionView"];

export type Overview = Schemas["OverviewView"];
export type Counter = Schemas["CounterView"];
export type MapCase = Schemas["MapCase"];
export type MapCases = Schemas["MapCases"];
/** GeoJSON as the server sends it; the map code gives the features their meaning. */
export interface FeatureCollection { type: "FeatureCollection"; features: unknown[] }
export interface MapBase {
  area: string; bbox: [number, number, number, number] | null;
  base: FeatureCollection | null; grids: FeatureCollection;
}

export type UploadedFile = Schemas["FileView"];
export type Mapping = Schemas["MappingView"];
export type Import = Schemas["ImportView"];
export type QuarantinePage = Schemas["QuarantinePage"];
export type Directory = Schemas["DirectoryView"];

export type PersonalField = Schemas["FieldView"];
export type Purpose = Schemas["PurposeView"];
export type RevealBody = Schemas["RevealForm"];
export type Revealed = Schemas["Revealed"];
export type ForgetTarget = Schemas["ForgetTarget"];
export type ForgetBody = Schemas["ForgetForm"];
export type Forgets = Schemas["ForgetView"];
export type Rotation = Schemas["RotationView"];

/** RFC 9457, as every refusal comes. */
export interface ProblemBody {
  type?: string; title?: string; status: number; detail?: string; code?: string;
  params?: Record<string, unknown>; request_id?: string | null;
}

export type Scores = Schemas["ScoresView"];
export type ScoreLine = Schemas["ScoreLineView"];
export type Behind = Schemas["BehindPage"];
