// Calls / and /heavy-computation in turn, at a rate that does not depend on how fast they respond.
// Run by k6: https://grafana.com/docs/k6
//
// TRAFFIC_URL       Base URL of the service.
// TRAFFIC_RATE      Calls per second, a whole number from 0 to 100. 0 sends none.
// TRAFFIC_SCENARIO  steady    The same rate all the time.
//                   spike     5 times the rate in the third minute of every 10.
//                   incident  In the 5 minutes after the second of every 15, 6 of 10 calls of
//                             /heavy-computation fail and the others take 4 s, by parameters of the
//                             calls: fault_active stays 0. The service requires FAULTS_ENABLED=true.
import http from "k6/http";
import exec from "k6/execution";
import { sleep } from "k6";

// The phase of each scenario: repeats every so many minutes, and lasts from one minute to another.
const SCENARIOS = {
  steady: { every: 1, from: 0, to: 0, factor: 1 },
  spike: { every: 10, from: 2, to: 3, factor: 5 },
  incident: { every: 15, from: 2, to: 7, factor: 1 },
};

const url = setting("TRAFFIC_URL", /^https?:\/\/[^/]+$/, "a base URL such as http://backend:3000");
const rate = Number(setting("TRAFFIC_RATE", /^([0-9]{1,2}|100)$/, "a whole number from 0 to 100"));
const name = setting("TRAFFIC_SCENARIO", /^(steady|spike|incident)$/, "steady, spike or incident");
const { every, from, to, factor } = SCENARIOS[name];

function setting(variable, valid, expected) {
  const value = __ENV[variable] ?? "";
  if (!valid.test(value)) {
    throw `${variable}: invalid value "${value}": expected ${expected}`;
  }
  return value;
}

const ENDLESS = "87600h"; // k6 requires a duration
const calls = {
  executor: "constant-arrival-rate",
  rate: rate * factor, // of the phase; between phases, only every factor-th iteration calls
  duration: ENDLESS,
  preAllocatedVUs: 10,
  maxVUs: 150, // calls in flight; further calls are skipped, which limits the memory
};
const none = { executor: "constant-vus", vus: 1, duration: ENDLESS, exec: "idle" };

export const options = {
  scenarios: { [name]: rate > 0 ? calls : none },
  setupTimeout: ENDLESS,
  userAgent: "backend-monitoring-traffic",
  throw: true, // k6 logs each failed request otherwise
  discardResponseBodies: true,
  // A new connection for each call reaches all pods of a Service, and a replaced container.
  noConnectionReuse: true,
  dns: { ttl: "5s" },
};

// The status, or 0 without a response.
function get(path) {
  try {
    return http.get(url + path).status;
  } catch {
    return 0;
  }
}

// Waits for the service.
export function setup() {
  while (rate > 0 && get("/health/readiness") !== 200) {
    sleep(1);
  }
  if (name === "incident" && rate > 0 && get("/faults") !== 200) {
    exec.test.abort("TRAFFIC_SCENARIO: incident requires a service with FAULTS_ENABLED=true");
  }
  console.log(`${rate} calls per second to ${url}: ${name}`);
}

export function idle() {
  sleep(3600);
}

export default function () {
  const minute = ((Date.now() - exec.scenario.startTime) / 60_000) % every;
  const inPhase = minute >= from && minute < to;
  const iteration = exec.scenario.iterationInTest;
  if (!inPhase && iteration % factor !== 0) {
    return;
  }
  const call = inPhase ? iteration : iteration / factor;
  if (call % 2 === 0) {
    get("/");
  } else if (inPhase && name === "incident") {
    get("/heavy-computation?" + (call % 20 < 12 ? "fail=true" : "latency=4s"));
  } else {
    get("/heavy-computation");
  }
}
