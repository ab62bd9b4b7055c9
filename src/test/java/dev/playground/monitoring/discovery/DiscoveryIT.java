package dev.playground.monitoring.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.charts.Charts;
import dev.playground.monitoring.charts.Charts.Scenario;
import dev.playground.monitoring.charts.KubernetesObjects;
import dev.playground.monitoring.charts.PodFiles;
import dev.playground.monitoring.testkit.FreePort;
import dev.playground.monitoring.testkit.PrometheusProgram;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIPBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus with the rendered scrape configuration finds its targets by the API of a
 * Kubernetes that this test plays. All that is replaced is the API's address and the folder. The
 * pods have addresses of this machine, and nobody answers there: what counts is what is found.
 */
class DiscoveryIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path folder;

    private static final String ELSEWHERE = "another-namespace";

    private final List<Pod> pods = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer kubernetes;
    private Process prometheus;

    @BeforeEach
    void serve() throws IOException {
        kubernetes =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        kubernetes.setExecutor(threads);
        kubernetes.createContext("/api/v1/pods", exchange -> answer(exchange, pods));
        kubernetes.createContext(
                "/api/v1/namespaces/",
                exchange -> {
                    String namespace = exchange.getRequestURI().getPath().split("/")[4];
                    answer(
                            exchange,
                            pods.stream()
                                    .filter(p -> p.getMetadata().getNamespace().equals(namespace))
                                    .toList());
                });
        kubernetes.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        over.countDown();
        if (prometheus != null) {
            prometheus.destroy();
            if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
                prometheus.destroyForcibly();
            }
        }
        kubernetes.stop(0);
        threads.shutdownNow();
    }

    /** As the API does it: a list, and a watch that stays open and has nothing to tell. */
    private void answer(HttpExchange exchange, List<Pod> found) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        if (query.contains("sendInitialEvents=true")) {
            // As a server answers that does not know such a watch: the client asks for a list then.
            byte[] status =
                    json(
                            new StatusBuilder()
                                    .withStatus("Failure")
                                    .withReason("Invalid")
                                    .withCode(422)
                                    .build());
            exchange.sendResponseHeaders(422, status.length);
            exchange.getResponseBody().write(status);
        } else if (query.matches(".*watch=(1|true).*")) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            byte[] list =
                    json(
                            new PodListBuilder()
                                    .withNewMetadata()
                                    .withResourceVersion("1")
                                    .endMetadata()
                                    .withItems(found)
                                    .build());
            exchange.sendResponseHeaders(200, list.length);
            exchange.getResponseBody().write(list);
        }
        exchange.close();
    }

    private static byte[] json(Object object) {
        return Serialization.asJson(object).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void findsExactlyThePodsThatAskForIt() throws Exception {
        Map<String, String> asks =
                Map.of("prometheus.io/scrape", "true", "prometheus.io/port", "8080");
        // Left alone: did not ask, asked not to, names no port, is over, has not begun, is
        // elsewhere.
        add("did-not-ask", "127.0.0.21", "Running", Map.of(), 8080);
        add(
                "asked-not-to",
                "127.0.0.22",
                "Running",
                Map.of("prometheus.io/scrape", "false", "prometheus.io/port", "8080"),
                8080);
        add("no-port", "127.0.0.23", "Running", Map.of("prometheus.io/scrape", "true"), 8080);
        add("succeeded", "127.0.0.24", "Succeeded", asks, 8080);
        add("failed", "127.0.0.25", "Failed", asks, 8080);
        add("pending", "127.0.0.26", "Pending", asks, 8080);
        add(elsewhere("127.0.0.27", asks));
        // What the charts make.
        like(
                Scenario.of("backend", "default"),
                Deployment.class,
                "rel-backend",
                new Address("rel-backend-1", "127.0.0.11"));
        like(
                Scenario.of("monitoring", "default"),
                StatefulSet.class,
                "rel-loki",
                new Address("rel-loki-0", "127.0.0.12"));
        // Others': of several ports one is scraped; a path and a job of its own; no label.
        add("several-ports", "127.0.0.13", "Running", asks, 9000, 8080, 9001);
        add(
                "own-path-and-job",
                "127.0.0.14",
                "Running",
                Map.of(
                        "prometheus.io/scrape", "true",
                        "prometheus.io/port", "8081",
                        "prometheus.io/path", "/stats/prometheus",
                        "prometheus.io/job", "billing"),
                8080);
        add("no-container-port", "127.0.0.15", "Running", asks);
        add("ipv6", "::1", "Running", asks, 8080);

        expectTargets(
                "default",
                target("127.0.0.11:3000/metrics", "backend-monitoring", "rel-backend-1"),
                target("127.0.0.12:3100/metrics", "loki", "rel-loki-0"),
                target("127.0.0.13:8080/metrics", "pods", "several-ports"),
                target("127.0.0.14:8081/stats/prometheus", "billing", "own-path-and-job"),
                target("127.0.0.15:8080/metrics", "pods", "no-container-port"),
                target("[::1]:8080/metrics", "pods", "ipv6"));
    }

    @Test
    void findsPodsOfEveryNamespaceWhereItMay() throws Exception {
        Map<String, String> asks =
                Map.of("prometheus.io/scrape", "true", "prometheus.io/port", "8080");
        add("same-name", "127.0.0.11", "Running", asks, 8080);
        add(elsewhere("127.0.0.12", asks));

        expectTargets(
                "everything-on",
                target("127.0.0.11:8080/metrics", "pods", "same-name", Charts.NAMESPACE),
                target("127.0.0.12:8080/metrics", "pods", "same-name", ELSEWHERE));
    }

    private record Address(String name, String ip) {}

    /** A pod as one of the charts' objects creates it. */
    private <T extends HasMetadata> void like(
            Scenario scenario, Class<T> type, String name, Address address) {
        PodTemplateSpec template =
                KubernetesObjects.pod(KubernetesObjects.one(scenario.objects(), type, name))
                        .orElseThrow();
        Pod pod =
                new PodBuilder()
                        .withMetadata(template.getMetadata())
                        .withSpec(template.getSpec())
                        .build();
        pod.getMetadata().setName(address.name());
        pod.getMetadata().setNamespace(Charts.NAMESPACE);
        pod.setStatus(status("Running", address.ip()));
        add(pod);
    }

    private void add(
            String name, String ip, String phase, Map<String, String> annotations, int... ports) {
        add(
                new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(Charts.NAMESPACE)
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withPorts(
                                IntStream.of(ports)
                                        .mapToObj(
                                                port ->
                                                        new ContainerPortBuilder()
                                                                .withName("port-" + port)
                                                                .withContainerPort(port)
                                                                .build())
                                        .toList())
                        .endContainer()
                        .endSpec()
                        .withStatus(status(phase, ip))
                        .build());
    }

    private static Pod elsewhere(String ip, Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("same-name")
                .withNamespace(ELSEWHERE)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .endContainer()
                .endSpec()
                .withStatus(status("Running", ip))
                .build();
    }

    private static PodStatus status(String phase, String ip) {
        return new PodStatusBuilder()
                .withPhase(phase)
                .withPodIP(ip)
                .withPodIPs(new PodIPBuilder().withIp(ip).build())
                .build();
    }

    private void add(Pod pod) {
        pod.getMetadata().setUid("uid-of-" + pod.getMetadata().getName());
        pods.add(pod);
    }

    /** Address and path, and then all the labels that a target has. */
    private static String target(String url, String job, String instance) {
        return "http://%s {instance=%s, job=%s}".formatted(url, instance, job);
    }

    private static String target(String url, String job, String instance, String namespace) {
        return "http://%s {instance=%s, job=%s, namespace=%s}"
                .formatted(url, instance, job, namespace);
    }

    /** That Prometheus finds these with the configuration of one scenario, and no other. */
    private void expectTargets(String scenario, String... expected) throws IOException {
        PrometheusProgram program = PrometheusProgram.prometheus();
        List<HasMetadata> objects = Scenario.of("monitoring", scenario).objects();
        HasMetadata workload =
                KubernetesObjects.workloads(objects)
                        .filter(o -> o.getMetadata().getName().endsWith("-prometheus"))
                        .findFirst()
                        .orElseThrow();
        PodFiles.write(PodFiles.of(objects, workload), "/etc/prometheus", folder);
        Path scrape = folder.resolve("scrape/kubernetes.yml");
        String discovery = Files.readString(scrape);
        assertThat(discovery).contains("- role: pod\n");
        Files.writeString(
                scrape,
                discovery.replace(
                        "- role: pod\n",
                        "- role: pod\n        api_server: http://localhost:%d\n"
                                .formatted(kubernetes.getAddress().getPort())));
        int port = FreePort.find();
        prometheus =
                program.start(
                        folder.resolve("prometheus.log"),
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=localhost:" + port);
        // The pods are found in the order of the list: the wrong ones are not after the others.
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(activeTargets(port)).containsExactlyInAnyOrder(expected));
    }

    private static List<String> activeTargets(int port) throws Exception {
        String body =
                HTTP.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://localhost:%d/api/v1/targets?state=active"
                                                                .formatted(port)))
                                        .build(),
                                BodyHandlers.ofString())
                        .body();
        JsonNode targets =
                JsonMapper.createDefault()
                        .readValue(body, Argument.of(JsonNode.class))
                        .get("data")
                        .get("activeTargets");
        List<String> found = new ArrayList<>();
        for (JsonNode target : targets.values()) {
            Map<String, String> labels = new TreeMap<>();
            for (Map.Entry<String, JsonNode> label : target.get("labels").entries()) {
                labels.put(label.getKey(), label.getValue().getStringValue());
            }
            found.add(target.get("scrapeUrl").getStringValue() + " " + labels);
        }
        return found;
    }
}
