import type { Hop } from './examine.ts';

const UPGRADE = {
  nginx: `location / {
  proxy_pass http://127.0.0.1:8080;
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection "upgrade";
  proxy_set_header Host $host;
  proxy_read_timeout 75s;
}`,
  Caddy: `chat.example {
  reverse_proxy 127.0.0.1:8080
}`,
  Traefik: `# WebSockets pass by themselves: take middlewares that rewrite or buffer off this router.
traefik.http.routers.guichet.middlewares=
traefik.http.services.guichet.loadbalancer.server.port=8080`,
};

const UNBUFFERED = {
  nginx: `proxy_buffering off;
proxy_read_timeout 75s;
proxy_send_timeout 75s;`,
  Caddy: `reverse_proxy 127.0.0.1:8080 {
  flush_interval -1
}`,
  Traefik: `# No buffering middleware on this router; and for slow answers:
entryPoints.websecure.transport.respondingTimeouts.readTimeout=75s`,
};

/** The lines that mend a hop, by proxy; none where no proxy is to blame. */
export const REMEDIES: Partial<Record<Hop, Readonly<Record<string, string>>>> = {
  socket: UPGRADE,
  frames: UNBUFFERED,
  held: UNBUFFERED,
  back: UNBUFFERED,
};
