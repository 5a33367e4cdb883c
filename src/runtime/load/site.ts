/**
 * The site that functions belong to, as they see it (`Context.site`, `.account`, `.deploy`, `.geo`,
 * `.server`). On Netlify it comes from the platform. Here it comes from options, whose defaults are
 * the values that Netlify's own local server uses.
 */
export interface SiteOptions {
  readonly id?: string;
  readonly name?: string;
  /** The site's address as users see it. Default: the address the runtime listens on. */
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

/** A site of which everything is known. */
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
 * Fills in what was not given, from the environment or with a default. `unlinked` is netlify-cli's
 * id of a site that is not connected.
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
