# Guichet as an image that is not root. Data is in /data: give it a volume.
#   docker build -t guichet .
#   docker run -d -p 127.0.0.1:8080:8080 -v guichet-data:/data -e PLAIN_HTTP=on --name guichet guichet
# PLAIN_HTTP is for a port that only this machine reaches. Behind a proxy with TLS, PUBLIC_URL and TRUST_PROXY take its
# place: docs/operations.md.
# Debian, because the pinned Node is built for glibc. Its own Node only runs npm; the server runs on the pinned one.
FROM node:24-trixie-slim AS build
# The pinned Node wants it, and the slim images do without.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libatomic1 libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin guichet \
  && install -d -o guichet -g guichet -m 0700 /data
WORKDIR /app
COPY --from=build /app /app
# The pinned Node, whatever the platform, under one name.
RUN ln -s "$(ls -d /app/node_modules/node-linux-*/bin/node)" /usr/local/bin/node
USER guichet
ENV HOST=0.0.0.0 PORT=8080 STORE=file:/data,memory: BLOBS=/data/blobs
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=60s --interval=15s --timeout=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
