/** The few icons of the frame: 20 px, one stroke, drawn here. */
const frame = { width: 20, height: 20, viewBox: "0 0 20 20", fill: "none", stroke: "currentColor", strokeWidth: 1.5, "aria-hidden": true } as const;

export const OverviewIcon = () => (
  <svg {...frame}><path d="M3 4.5h14v11H3zM3 9h5M8 4.5v11M8 12.5h9" /></svg>
);
export const CasesIcon = () => (
  <svg {...frame}><path d="M7 5h10M7 10h10M7 15h10" /><path d="M3 5h1M3 10h1M3 15h1" strokeWidth="2" /></svg>
);
export const OrdersIcon = () => (
  <svg {...frame}><path d="M5 3h7l3.5 3.5V17H5zM12 3v3.5h3.5M7.5 10.5h5M7.5 13.5h5" /></svg>
);
export const DeskIcon = () => (
  <svg {...frame}><path d="M10 3v4M10 7 4.500 11v5M10 7l5.500 4v5M10 7v9" /><path d="M2.500 16.500h4M8 16.500h4M13.500 16.500h4" /></svg>
);
export const DiscoverIcon = () => (
  <svg {...frame}><path d="M3 6h9.500v8H3zM12.500 9 17 6.500v7L12.500 11" /><circle cx="7.500" cy="10" r="1.500" /></svg>
);
export const WarnIcon = () => (
  <svg {...frame}><path d="M3 16.500h14M3.500 13l3.500-2.500 3 1.500 6-7.500M12.500 4.500H16V8" /></svg>
);
export const PhoneIcon = () => (
  <svg {...frame}><path d="M4 3.5h3l1.5 4-2 1.5a9 9 0 0 0 4.5 4.5l1.5-2 4 1.5v3c0 .6-.4 1-1 1A12.5 12.5 0 0 1 3 4.5c0-.6.4-1 1-1z" /></svg>
);
export const CallBackIcon = () => (
  <svg {...frame}><path d="M3.500 4h13v9h-7l-3.500 3.500V13h-2.500z" /><path d="m7 8.500 2 2 4-4" /></svg>
);
export const ScoresIcon = () => (
  <svg {...frame}><path d="M3 16.500h14M5 16.500V11h2.500v5.500M9 16.500V4h2.500v12.500M13 16.500V8h2.500v8.500" /></svg>
);
export const FlowIcon = () => (
  <svg {...frame}><path d="M3 5.500h5l4 9h5M14.500 12l2.500 2.500-2.500 2.500M12 5.500h5M14.500 3 17 5.500 14.500 8" /></svg>
);
export const ReportsIcon = () => (
  <svg {...frame}><path d="M5 3h7l3.500 3.500V17H5zM12 3v3.500h3.500M7.500 14v-2.500M10 14V9M12.500 14v-4" /></svg>
);
export const ImportIcon = () => (
  <svg {...frame}><path d="M10 3v8M6.5 8 10 11.5 13.5 8M3.5 12v4.5h13V12" /></svg>
);
export const VaultIcon = () => (
  <svg {...frame}><path d="M4 9h12v8H4zM6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M10 12v2" /></svg>
);
export const SystemIcon = () => (
  <svg {...frame}><path d="M3.5 4h13v5h-13zM3.5 11h13v5h-13zM6.500 6.500h.01M6.500 13.500h.01M10 6.500h4M10 13.500h4" /></svg>
);
export const PeopleIcon = () => (
  <svg {...frame}><circle cx="7.5" cy="7" r="3" /><path d="M2.5 16.5c.5-3 2.3-4.5 5-4.5s4.500 1.500 5 4.500M13 4.500a3 3 0 0 1 0 5M14.500 12.300c1.700.6 2.700 2 3 4.200" /></svg>
);
export const AuditIcon = () => (
  <svg {...frame}><path d="M5 3h10v14H5zM8 7h4M8 10h4" /><path d="m8 13 1.200 1.200L12 12" /></svg>
);
export const DirectoryIcon = () => (
  <svg {...frame}><path d="M5 3h11v14H5a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 5 3z" /><path d="M7.5 7h5.5M7.5 10h5.5M7.5 13h3" /></svg>
);
export const DutyIcon = () => (
  <svg {...frame}><circle cx="10" cy="10" r="7" /><path d="M10 6v4l3 2" /></svg>
);
export const BellIcon = () => (
  <svg {...frame}><path d="M4 14.500h12l-1.500-2V9a4.500 4.500 0 0 0-9 0v3.500zM8.500 17h3M10 3v1.500" /></svg>
);
export const SearchIcon = () => (
  <svg {...frame} width="16" height="16"><circle cx="8.5" cy="8.5" r="5" /><path d="m12.5 12.5 4.5 4.5" /></svg>
);
export const DownIcon = () => (
  <svg {...frame} width="12" height="12"><path d="m4 7 6 6 6-6" strokeWidth="2" /></svg>
);
export const NaturesIcon = () => (
  <svg {...frame}><path d="M10 3 2.500 16.500h15zM10 8v4M10 14.200v.100" strokeWidth="1.5" /></svg>
);
export const TickIcon = () => (
  <svg {...frame} width="14" height="14"><path d="m4 10.5 4 4 8-9" strokeWidth="2" /></svg>
);
export const BackIcon = () => (
  <svg {...frame} width="16" height="16"><path d="M12.5 4 6.5 10l6 6" strokeWidth="1.8" /></svg>
);
export const UpArrowIcon = () => (
  <svg {...frame} width="16" height="16"><path d="m4 12.5 6-6 6 6" strokeWidth="1.8" /></svg>
);
export const DownArrowIcon = () => (
  <svg {...frame} width="16" height="16"><path d="m4 7.5 6 6 6-6" strokeWidth="1.8" /></svg>
);
export const PauseIcon = () => (
  <svg {...frame} width="14" height="14"><path d="M6.500 4v12M13.500 4v12" strokeWidth="2.500" /></svg>
);
export const PlayIcon = () => (
  <svg {...frame} width="14" height="14"><path d="m6 4 10 6-10 6z" fill="currentColor" /></svg>
);
