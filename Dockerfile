# One image a service: docker build --build-arg SERVICE=broker -t wattbus/broker .

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts --loglevel=error && node node_modules/tsc7/bin/tsc -b

# Only what the one service needs at run time, with its own libs and nothing to build with.
FROM node:24-bookworm-slim AS packed
ARG SERVICE
WORKDIR /app
COPY --from=build /app /source
RUN cp /source/package.json /source/package-lock.json . && cd /source \
  && for f in libs/*/package.json services/*/package.json grafana/package.json \
       end-to-end/package.json benchmarks/package.json; do \
       mkdir -p "/app/$(dirname "$f")" && cp "$f" "/app/$f"; done \
  && for d in libs/*/dist services/*/dist; do cp -r "$d" "/app/$d"; done \
  && cd /app && npm ci --ignore-scripts --omit=dev --loglevel=error \
       --workspace "@wattbus/${SERVICE}" --include-workspace-root=false \
  && rm -rf /root/.npm

FROM node:24-bookworm-slim
ARG SERVICE
ENV NODE_ENV=production SERVICE=${SERVICE} WATTBUS_DATA_DIR=/data
RUN mkdir /data /secrets && chown node:node /data /secrets
WORKDIR /app
COPY --from=packed /app /app
USER node
VOLUME /data
# exec, so that the service is process 1 and gets the signals itself.
CMD ["sh", "-c", "exec node --max-semi-space-size=2 services/$SERVICE/dist/main.js"]
