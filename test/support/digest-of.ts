import { parseSingleStoreUrl } from '../../src/config/store-url.ts';
import { type Digest, digestLog, wholeDigest } from '../../src/domain/digest.ts';
import { openForReading } from '../../src/stores/open-store.ts';

/** What a store of this URL holds, in one digest; nobody writes to it meanwhile. */
export const digestOf = async (url: string): Promise<Digest> => {
  const store = await openForReading(parseSingleStoreUrl(url, '--store'));
  try {
    return wholeDigest(await digestLog(store));
  } finally {
    await store.close();
  }
};
