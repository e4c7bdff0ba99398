import { BrowserStorage } from '../../support/browser-storage.ts';
import { asksForSocket, FaultProxy } from '../../support/fault-proxy.ts';
import type { Scope } from '../../support/temp-dir.ts';
import { undoAfter } from '../../support/undo-after.ts';
import { type Person, Tab } from './tab.ts';

/** A browser of one person, on a network of its own, with one tab or several. */
export class Device {
  readonly name: string;
  readonly person: Person;
  readonly network: FaultProxy;
  readonly storage = new BrowserStorage();
  readonly tabs: Tab[] = [];
  readonly #random: () => number;

  private constructor(name: string, person: Person, network: FaultProxy, random: () => number) {
    this.name = name;
    this.person = person;
    this.network = network;
    this.#random = random;
  }

  static async open(
    scope: Scope,
    { name, person, url, random }: { name: string; person: Person; url: string; random: () => number },
  ): Promise<Device> {
    // Some networks spoil everything, some only what they do not know.
    const network = await FaultProxy.start(scope, url, random() < 0.6 ? { only: asksForSocket } : {});
    const device = new Device(name, person, network, random);
    undoAfter(scope, () => {
      for (const tab of [...device.tabs]) device.closeTab(tab);
    });
    device.openTab();
    return device;
  }

  openTab(): Tab {
    const tab = new Tab(this.network.url, this.person, this.storage.openTab(), this.#random);
    this.tabs.push(tab);
    return tab;
  }

  closeTab(tab: Tab): void {
    tab.crash();
    this.tabs.splice(this.tabs.indexOf(tab), 1);
  }
}
