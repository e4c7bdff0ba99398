/** Whether a token is one that a site signs, not one of ours. */
export const isIdentityToken = (token: string | undefined): boolean => token?.startsWith('eyJ') === true;

/** Whom an identity token names; it is the server that looks whether it is true. */
export const subjectOf = (token: string | undefined): string | undefined => {
  try {
    const claims = token!.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return String((JSON.parse(atob(claims)) as { sub: unknown }).sub);
  } catch {
    return undefined;
  }
};
