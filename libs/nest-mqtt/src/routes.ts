import type { Params, Topic } from '@wattbus/mqtt-contract';

/** Who handles a topic of the contract, or only those with some fixed parameters. */
export interface Subscriber<Handler> {
  readonly topic: Topic;
  readonly where?: Params | undefined;
  readonly handler: Handler;
}

export interface Route<Handler> {
  readonly topic: Topic;
  readonly params: Params;
  readonly handlers: readonly Handler[];
}

/**
 * From the name of a topic to its handlers. By the number of levels and the last level few topics
 * of the contract are left to be tried; a memory of names would be large where meters are many.
 */
export class Routes<Handler> {
  readonly #root: string;
  readonly #byShape = new Map<string, Subscriber<Handler>[]>();

  constructor(root: string, subscribers: readonly Subscriber<Handler>[]) {
    this.#root = root;
    for (const subscriber of subscribers) {
      const shape = shapeOf(subscriber.topic.filter(root));
      this.#byShape.set(shape, [...(this.#byShape.get(shape) ?? []), subscriber]);
    }
  }

  /** Null where nobody handles it. */
  of(name: string): Route<Handler> | null {
    const shape = shapeOf(name);
    const anyLast = `${shape.slice(0, shape.indexOf(' '))} +`;
    let route: { topic: Topic; params: Params; handlers: Handler[] } | null = null;
    for (const { topic, where, handler } of [
      ...(this.#byShape.get(shape) ?? []),
      ...(this.#byShape.get(anyLast) ?? []),
    ]) {
      const params = topic.match(this.#root, name);
      if (!params || !isWithin(params, where)) continue;
      route ??= { topic, params, handlers: [] };
      route.handlers.push(handler);
    }
    return route;
  }
}

/** `4 energy` of `energy/analysis/main/energy`. */
function shapeOf(name: string): string {
  let levels = 1;
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) levels += 1;
  return `${levels} ${name.slice(name.lastIndexOf('/') + 1)}`;
}

const isWithin = (params: Params, where: Params = {}): boolean =>
  Object.entries(where).every(([key, value]) => params[key] === value);
