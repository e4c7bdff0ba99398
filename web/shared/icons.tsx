import type { JSX } from 'preact';

/** A drawing by its lines, in a square of 24; it is as large as `size` says, in pixels. */
const icon =
  (lines: string, usual = 18) =>
  ({ size = usual }: { size?: number }): JSX.Element => (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={lines} />
    </svg>
  );

/** The house's mark: a counter window, with the opening through which things are handed. */
export const Mark = /* @__PURE__ */ icon(
  'M4.5 20.5V11a7.5 7.5 0 0 1 15 0v9.5M2.5 20.5h19M9 20.5v-1a3 3 0 0 1 6 0v1M9.2 11.2h5.6',
  24,
);

export const CloseIcon = /* @__PURE__ */ icon('M6 6l12 12M18 6L6 18');
export const DownIcon = /* @__PURE__ */ icon('M6 9.5l6 6 6-6');
export const BackIcon = /* @__PURE__ */ icon('M14.5 6l-6 6 6 6');
export const SendIcon = /* @__PURE__ */ icon('M12 19V5.5M6 11l6-6 6 6');
export const RemoveIcon = /* @__PURE__ */ icon('M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12', 15);
export const ReplyIcon = /* @__PURE__ */ icon('M9 7l-5 5 5 5M4 12h10a6 6 0 0 1 6 6', 13);
export const MenuIcon = /* @__PURE__ */ icon('M4 8h16M4 16h16');
export const DetailsIcon = /* @__PURE__ */ icon(
  'M5.5 5h13a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM14.5 5v14',
);
export const EditIcon = /* @__PURE__ */ icon('M4 20l1-4.5L16 4.6a2 2 0 0 1 2.9 0l.5.5a2 2 0 0 1 0 2.9L8.5 19z', 16);
export const ListIcon = /* @__PURE__ */ icon('M8.5 7H20M8.5 12H20M8.5 17H20M4.5 7h.01M4.5 12h.01M4.5 17h.01');
export const AttachIcon = /* @__PURE__ */ icon(
  'M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.8 17a1.6 1.6 0 0 1-2.4-2.3l7.3-7.2',
);
export const FileIcon = /* @__PURE__ */ icon('M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5');
export const SearchIcon = /* @__PURE__ */ icon('M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20', 15);
export const LabelIcon = /* @__PURE__ */ icon('M4 11V4h7l9 9-7 7-9-9zM8 8h.01');
