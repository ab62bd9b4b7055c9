// Express with the usual middleware: a histogram, one log line per request, a push to Loki.
const express = require('express');
const prometheus = require('prom-client');
const responseTime = require('response-time');
const { createLogger, format, transports } = require('winston');
const LokiTransport = require('winston-loki');

const labels = { app: 'bench-express' };
const log = createLogger({
  format: format.combine(format.timestamp(), format.json()),
  transports: [
    new transports.Console(),
    new LokiTransport({ host: process.env.LOKI_HOST, labels }),
  ],
});

prometheus.collectDefaultMetrics();
const histogram = new prometheus.Histogram({
  name: 'req_response_time_histogram',
  help: 'Response time of each HTTP request in milliseconds',
  labelNames: ['method', 'route', 'status_code'],
  buckets: [1, 50, 100, 200, 400, 500, 800, 1000, 2000],
});

const app = express();
app.use(responseTime((req, res, time) => {
  const route = req.route ? req.route.path : 'unmatched';
  histogram.labels(req.method, route, res.statusCode).observe(time);
}));
app.get('/', (req, res) => {
  log.info('Request received on / route');
  res.type('text').send('Hello World');
});
app.get('/metrics', async (req, res) => {
  res.type(prometheus.register.contentType).send(await prometheus.register.metrics());
});
app.listen(Number(process.env.PORT));
