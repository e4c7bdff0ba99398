import type { ComponentType } from 'preact';
import type { Desk } from './desk.ts';
import { DoctorPage } from './doctor/doctor-page.tsx';
import { PreferencesPage } from './preferences-page.tsx';
import type { Page } from './route.ts';
import { AccountPage } from './security/account-page.tsx';
import { GuardPage } from './security/guard-page.tsx';
import { AgentsPage } from './settings/agents-page.tsx';
import { HoursPage } from './settings/hours-page.tsx';
import { LabelsPage } from './settings/labels-page.tsx';
import { RepliesPage } from './settings/replies-page.tsx';
import { WidgetPage } from './settings/widget-page.tsx';
import { StatisticsPage } from './statistics-page.tsx';
import { StoragePage } from './storage-page.tsx';

/** The pages beside the conversations, by their name in the address. */
export const PAGE_VIEWS: Partial<Record<Page, ComponentType<{ desk: Desk }>>> = {
  storage: StoragePage,
  statistics: StatisticsPage,
  doctor: DoctorPage,
  preferences: PreferencesPage,
  widget: WidgetPage,
  hours: HoursPage,
  account: AccountPage,
  guard: GuardPage,
  agents: AgentsPage,
  labels: LabelsPage,
  replies: RepliesPage,
};
