/**
 * The site that functions belong to, as functions see it (`Context.site`, `.account`, `.deploy`,
 * `.geo`, `.server`). On Netlify these values come from the platform. In this runtime they come
 * from options, whose defaults are the values of Netlify's own local server.
 */
export interface SiteOptions {
  readonly id?: string;
  readonly name?: string;
  /** The site's address as users see it. Default: the address that the runtime listens on. */
  readonly url?: string;
  readonly accountId?: string;
  readonly deployId?: string;
  /** `production`, `deploy-preview`, `branch-deploy`, `dev`. */
  readonly deployContext?: string;
  readonly deployPublished?: boolean;
  readonly region?: string;
  readonly geo?: SiteGeo;
}

export interface SiteGeo {
  readonly city?: string;
  readonly country?: { readonly code: string; readonly name: string };
  readonly subdivision?: { readonly code: string; readonly name: string };
  readonly postalCode?: string;
  readonly timezone?: string;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** A site whose options all have a value. */
export interface Site {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly accountId: string;
  readonly deployId: string;
  readonly deployContext: string;
  readonly deployPublished: boolean;
  readonly region: string;
  readonly geo: SiteGeo;
}

/**
 * Fills in missing options from the environment, or else with a default. `unlinked` is the id that
 * netlify-cli uses for a site that is not connected.
 */
export function resolveSite(options: SiteOptions, listenUrl: string, env: NodeJS.ProcessEnv): Site {
  return {
    id: options.id ?? env['SITE_ID'] ?? 'unlinked',
    name: options.name ?? env['SITE_NAME'] ?? 'site-name',
    url: options.url ?? env['URL'] ?? listenUrl,
    accountId: options.accountId ?? env['ACCOUNT_ID'] ?? '',
    deployId: options.deployId ?? env['DEPLOY_ID'] ?? '0',
    deployContext: options.deployContext ?? env['CONTEXT'] ?? 'dev',
    deployPublished: options.deployPublished ?? false,
    region: options.region ?? env['AWS_REGION'] ?? 'us-east-1',
    geo: options.geo ?? {},
  };
}
