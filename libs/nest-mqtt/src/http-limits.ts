/** Of every HTTP server: who says its request slowly, or never, gives its place to others. */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
} as const;
