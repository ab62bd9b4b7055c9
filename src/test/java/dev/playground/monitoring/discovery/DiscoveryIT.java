package dev.playground.monitoring.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.charts.Charts;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.charts.Manifest;
import dev.playground.monitoring.charts.PodFiles;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.FreePort;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * A real Prometheus with the rendered scrape configuration discovers its targets from a Kubernetes
 * API that this test serves. Only the API's address and the folder are replaced. No pod answers;
 * only discovery is tested.
 *
 * <p>Not fabric8's mock server: it sends no Content-Type, so Prometheus reads its lists as protobuf
 * and fails, and it serves watches by WebSocket alone.
 */
class DiscoveryIT {
    @TempDir Path folder;

    /** Namespace to pods, as JSON. */
    private final Map<String, List<String>> pods = new TreeMap<>();

    private HttpServer kubernetes;
    private Process prometheus;

    @BeforeEach
    void serve() throws IOException {
        kubernetes =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        kubernetes.createContext("/api/v1/", this::answer);
        kubernetes.start();
    }

    @AfterEach
    void stop() {
        if (prometheus != null) {
            Command.stop(prometheus);
        }
        kubernetes.stop(0);
    }

    /** As the API does: a list of pods, and a watch that ends without a change. */
    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        // /api/v1/pods, or /api/v1/namespaces/<namespace>/pods
        String[] path = exchange.getRequestURI().getPath().split("/");
        int status = 200;
        String body = "";
        if (query.contains("sendInitialEvents=true")) {
            // As a server that does not know such a watch: the client requests a list then.
            status = 422;
            body = "{\"apiVersion\": \"v1\", \"kind\": \"Status\", \"reason\": \"Invalid\"}";
        } else if (!query.contains("watch=")) {
            body =
                    """
                    {"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "1"},
                    "items": %s}
                    """
                            .formatted(
                                    path.length > 4
                                            ? pods.getOrDefault(path[4], List.of())
                                            : pods.values().stream()
                                                    .flatMap(List::stream)
                                                    .toList());
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, 0);
        exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }

    @Test
    void discoversOnlyAnnotatedPods() throws Exception {
        serve(
                """
                - {name: did-not-ask, ip: 127.0.0.21, ports: [8080]}
                - {name: asked-not-to, ip: 127.0.0.22, scrape: "false", port: "8080", ports: [8080]}
                - {name: no-port, ip: 127.0.0.23, scrape: "true", ports: [8080]}
                - {name: succeeded, ip: 127.0.0.24, phase: Succeeded, scrape: "true", port: "8080"}
                - {name: failed, ip: 127.0.0.25, phase: Failed, scrape: "true", port: "8080"}
                - {name: pending, ip: 127.0.0.26, phase: Pending, scrape: "true", port: "8080"}
                - {name: elsewhere, ip: 127.0.0.27, namespace: other, scrape: "true", port: "8080"}
                - {name: several, ip: 127.0.0.13, scrape: "true", port: "8080", ports: [90, 8080, 91]}
                - {name: own-path, ip: 127.0.0.14, scrape: "true", port: "8081", ports: [8080],
                   path: /stats/prometheus, job: billing}
                - {name: no-container-port, ip: 127.0.0.15, scrape: "true", port: "8080"}
                - {name: ipv6, ip: "::1", scrape: "true", port: "8080", ports: [8080]}
                """);
        serveLike("backend", "rel-backend", "127.0.0.11");
        serveLike("monitoring", "rel-loki", "127.0.0.12");

        expectTargets(
                "default",
                "http://127.0.0.11:3000/metrics {instance=rel-backend-1, job=backend-monitoring}",
                "http://127.0.0.12:3100/metrics {instance=rel-loki-1, job=loki}",
                "http://127.0.0.13:8080/metrics {instance=several, job=pods}",
                "http://127.0.0.14:8081/stats/prometheus {instance=own-path, job=billing}",
                "http://127.0.0.15:8080/metrics {instance=no-container-port, job=pods}",
                "http://[::1]:8080/metrics {instance=ipv6, job=pods}");
    }

    @Test
    void discoversPodsOfAllNamespaces() throws Exception {
        serve(
                """
                - {name: same, ip: 127.0.0.11, scrape: "true", port: "8080", ports: [8080]}
                - {name: same, ip: 127.0.0.12, namespace: other, scrape: "true", port: "8080"}
                """);

        expectTargets(
                "everything-on",
                "http://127.0.0.11:8080/metrics {instance=same, job=pods, namespace=some-namespace}",
                "http://127.0.0.12:8080/metrics {instance=same, job=pods, namespace=other}");
    }

    /** Adds pods with one container each. */
    private void serve(String yaml) {
        for (Map<String, Object> row : new Yaml().<List<Map<String, Object>>>load(yaml)) {
            Map<String, Object> annotations = new TreeMap<>();
            for (String key : List.of("scrape", "port", "path", "job")) {
                if (row.containsKey(key)) {
                    annotations.put("prometheus.io/" + key, row.get(key));
                }
            }
            List<?> ports = (List<?>) row.getOrDefault("ports", List.of());
            List<?> containerPorts = ports.stream().map(p -> Map.of("containerPort", p)).toList();
            Object container = Map.of("name", "main", "ports", containerPorts);
            add(
                    row,
                    Serialization.asJson(Map.of("annotations", annotations)),
                    Serialization.asJson(Map.of("containers", List.of(container))));
        }
    }

    /** Adds a pod as a workload of a chart creates it. */
    private void serveLike(String chart, String workload, String ip) {
        JsonNode pod = Manifest.controller(Scenario.of(chart, "default").objects(), workload).pod();
        add(
                Map.of("name", workload + "-1", "ip", ip),
                pod.path("metadata").toString(),
                pod.path("spec").toString());
    }

    private void add(Map<String, Object> row, String metadata, String spec) {
        String pod =
                """
                {"metadata": {"name": "%s", "namespace": "%s", "uid": "%d", %s, "spec": %s,
                "status": {"phase": "%s", "podIP": "%s", "podIPs": [{"ip": "%<s"}]}}
                """;
        String namespace = (String) row.getOrDefault("namespace", Charts.NAMESPACE);
        pods.computeIfAbsent(namespace, name -> new ArrayList<>())
                .add(
                        pod.formatted(
                                row.get("name"),
                                namespace,
                                System.nanoTime(),
                                // The rest of the object.
                                metadata.substring(1),
                                spec,
                                row.getOrDefault("phase", "Running"),
                                row.get("ip")));
    }

    /** Waits until Prometheus, configured by a scenario, discovers these targets and no others. */
    private void expectTargets(String scenario, String... expected) throws IOException {
        PrometheusProgram program = PrometheusProgram.prometheus();
        List<Manifest> objects = Scenario.of("monitoring", scenario).objects();
        PodFiles.write(
                PodFiles.of(objects, Manifest.controller(objects, "-prometheus")),
                "/etc/prometheus",
                folder);
        Path scrape = folder.resolve("scrape/kubernetes.yml");
        String discovery = Files.readString(scrape);
        assertThat(discovery).contains("- role: pod\n");
        Files.writeString(
                scrape,
                discovery
                        .replace(
                                "- role: pod\n",
                                "- role: pod\n        api_server: http://localhost:%d\n"
                                        .formatted(kubernetes.getAddress().getPort()))
                        // Only in a pod does Prometheus know its own namespace.
                        .replace("own_namespace: true", "names: [" + Charts.NAMESPACE + "]"));
        int port = FreePort.find();
        prometheus =
                program.start(
                        folder.resolve("prometheus.log"),
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=localhost:" + port);
        PrometheusApi api = new PrometheusApi("http://localhost:" + port);
        await().atMost(PrometheusApi.LIMIT)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(targets(api)).containsExactlyInAnyOrder(expected));
    }

    /** URL and all the labels of each target. */
    private static List<String> targets(PrometheusApi api) {
        return Json.list(api.get("targets?state=active"), "activeTargets").stream()
                .map(
                        target -> {
                            Map<String, String> labels = new TreeMap<>();
                            Json.at(target, "labels")
                                    .entries()
                                    .forEach(
                                            l ->
                                                    labels.put(
                                                            l.getKey(),
                                                            l.getValue().getStringValue()));
                            return Json.string(target, "scrapeUrl") + " " + labels;
                        })
                .toList();
    }
}
