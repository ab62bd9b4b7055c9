package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Both charts on the cluster of the current kubectl context, in a namespace that this test makes
 * and deletes. The cluster needs the images; {@code mvn verify -Pe2e-k8s} runs this and nothing
 * else.
 *
 * <p>{@code -De2e.helm.args="--set grafana.enabled=false"} adds arguments to the installation of
 * the monitoring chart, for a cluster that lacks something: Grafana's image, or Loki's.
 */
class KubernetesE2E {
    private static final int CALLS = 300;

    private static final String APP = "loki-backend-monitoring";

    /** Of the requests that this test sends. */
    private static final Pattern TRACE_ID = Pattern.compile("\"trace_id\":\"(0{28}\\w{4})\"");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String namespace = "e2e-" + UUID.randomUUID().toString().substring(0, 8);

    private final List<LocalPortForward> forwards = new ArrayList<>();

    private KubernetesClient kubernetes;

    @BeforeEach
    void connect() {
        if (Stream.of(System.getenv("PATH").split(":"))
                .noneMatch(folder -> Files.isExecutable(Path.of(folder, "helm")))) {
            Requirement.E2E.isMissing("There is no helm on PATH.");
        }
        KubernetesClient client = new KubernetesClientBuilder().build();
        try {
            client.getKubernetesVersion();
        } catch (KubernetesClientException e) {
            client.close();
            Requirement.E2E.isMissing("There is no cluster at " + client.getMasterUrl() + ".");
        }
        kubernetes = client;
        kubernetes
                .resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(namespace)
                                .addToLabels("pod-security.kubernetes.io/enforce", "privileged")
                                .endMetadata()
                                .build())
                .create();
    }

    @AfterEach
    void cleanUp() {
        if (kubernetes == null) {
            return;
        }
        kubernetes.namespaces().withName(namespace).delete();
        await().atMost(Duration.ofMinutes(3))
                .until(() -> kubernetes.namespaces().withName(namespace).get() == null);
        kubernetes.close();
    }

    @Test
    void isInstalledWatchedUpgradedRolledBackAndUninstalled() throws Exception {
        List<String> install = command("install", "monitoring");
        if (kubernetes.storage().v1().storageClasses().list().getItems().isEmpty()) {
            install.addAll(List.of("-f", "helm/monitoring/ci/no-volumes-values.yaml"));
        }
        Stream.of(System.getProperty("e2e.helm.args", "").split(" "))
                .filter(argument -> !argument.isEmpty())
                .forEach(install::add);
        helm(install);
        helm(command("install", "backend", "--set", "heavy.errorRate=0"));

        theTargetIsUp();
        call();
        eachLineIsOnStandardOutputOnce();
        if (isInstalled("monitoring-loki")) {
            eachLineIsInLokiOnce();
        } else {
            System.err.println("Without a Loki, its lines are not looked at.");
        }
        helm(List.of("test", "-n", namespace, "--logs", "backend"));
        helm(List.of("test", "-n", namespace, "--logs", "monitoring"));

        assertThat(computation()).isEqualTo(200);
        helm(command("upgrade", "backend", "--set", "heavy.errorRate=1"));
        assertThat(computation()).isEqualTo(500);
        helm(List.of("rollback", "-n", namespace, "--wait", "--timeout", "5m", "backend", "1"));
        assertThat(computation()).isEqualTo(200);

        helm(command("upgrade", "monitoring", "--reuse-values"));
        grafanasLoginIsKeptAcrossAnUpgrade();

        helm(List.of("uninstall", "-n", namespace, "--wait", "backend"));
        helm(List.of("uninstall", "-n", namespace, "--wait", "monitoring"));
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(left()).isEmpty());
    }

    /** In a release of its own, for which nobody waits: the cluster may lack Grafana's image. */
    private void grafanasLoginIsKeptAcrossAnUpgrade() {
        helm(login("install", "grafana.admin.user=first"));
        Map<String, String> login = secret("login-grafana");
        assertThat(login).containsOnlyKeys("admin-user", "admin-password");
        assertThat(login.values()).doesNotContain("");

        helm(login("upgrade", "grafana.admin.user=second"));
        assertThat(secret("login-grafana")).isEqualTo(login);

        helm(List.of("uninstall", "-n", namespace, "login"));
    }

    private List<String> login(String verb, String value) {
        return List.of(
                verb,
                "login",
                "helm/monitoring",
                "-n",
                namespace,
                "-f",
                "helm/monitoring/ci/existing-stack-values.yaml",
                "--set",
                "agent=none," + value);
    }

    private Map<String, String> secret(String name) {
        return kubernetes.secrets().inNamespace(namespace).withName(name).get().getData();
    }

    private void theTargetIsUp() throws Exception {
        String prometheus = forward("monitoring-prometheus", 9090);
        List<String> pods =
                kubernetes
                        .pods()
                        .inNamespace(namespace)
                        .withLabel("app", APP)
                        .list()
                        .getItems()
                        .stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList();

        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            Map<String, String> up = new TreeMap<>();
                            JsonNode samples =
                                    get(prometheus + "/api/v1/query?query=" + encode("up"))
                                            .get("data")
                                            .get("result");
                            for (JsonNode sample : samples.values()) {
                                JsonNode labels = sample.get("metric");
                                if (text(labels, "job").equals("backend-monitoring")) {
                                    assertThat(labels.size()).isEqualTo(3);
                                    up.put(
                                            text(labels, "instance"),
                                            sample.get("value").get(1).getStringValue());
                                }
                            }
                            assertThat(up).containsOnlyKeys(pods);
                            assertThat(up.values()).containsOnly("1");
                        });
        closeForwards();
    }

    /** The number of a request is its trace id, which its line has. */
    private void call() throws Exception {
        String backend = forward("backend", 3000);
        for (int i = 1; i <= CALLS; i++) {
            HttpResponse<String> answer =
                    HTTP.send(
                            HttpRequest.newBuilder(URI.create(backend + "/"))
                                    .header("traceparent", "00-%032x-%016x-01".formatted(i, i))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
        closeForwards();
    }

    private void eachLineIsOnStandardOutputOnce() {
        String output =
                kubernetes
                        .pods()
                        .inNamespace(namespace)
                        .withLabel("app", APP)
                        .resources()
                        .map(pod -> pod.getLog())
                        .collect(Collectors.joining());
        assertThat(
                        TRACE_ID.matcher(output)
                                .results()
                                .collect(
                                        Collectors.groupingBy(
                                                id -> id.group(1), Collectors.counting())))
                .hasSize(CALLS)
                .allSatisfy((id, lines) -> assertThat(lines).isEqualTo(1));
    }

    private void eachLineIsInLokiOnce() throws Exception {
        String prometheus = forward("monitoring-prometheus", 9090);
        String loki = forward("monitoring-loki", 3100);
        // Both shippers have sent theirs: Loki was given each line twice and more, and then nothing
        // for four scrapes, far longer than either collects a batch.
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(
                        () ->
                                value(prometheus, "sum(loki_distributor_lines_received_total)")
                                                >= 2 * CALLS
                                        && value(
                                                        prometheus,
                                                        "sum(changes(loki_distributor_lines_received_total[20s]))")
                                                == 0);
        Map<String, Integer> lines = lines(loki);
        assertThat(lines).hasSize(CALLS);
        assertThat(lines.values()).containsOnly(1);
        closeForwards();
    }

    /** Trace id to number of lines, of the requests that this test sent. */
    private Map<String, Integer> lines(String loki) throws Exception {
        JsonNode streams =
                get(loki
                                + "/loki/api/v1/query_range?limit=5000&since=1h&query="
                                + encode(
                                        "{app=\"%s\", namespace=\"%s\"} | trace_id=~\"0{28}.+\""
                                                .formatted(APP, namespace)))
                        .get("data")
                        .get("result");
        Map<String, Integer> lines = new TreeMap<>();
        for (JsonNode stream : streams.values()) {
            lines.merge(
                    text(stream.get("stream"), "trace_id"),
                    stream.get("values").size(),
                    Integer::sum);
        }
        return lines;
    }

    private static double value(String prometheus, String query) throws Exception {
        return Double.parseDouble(
                get(prometheus + "/api/v1/query?query=" + encode(query))
                        .get("data")
                        .get("result")
                        .get(0)
                        .get("value")
                        .get(1)
                        .getStringValue());
    }

    private int computation() throws Exception {
        String backend = forward("backend", 3000);
        int status =
                HTTP.send(
                                HttpRequest.newBuilder(URI.create(backend + "/heavy-computation"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode();
        closeForwards();
        return status;
    }

    private boolean isInstalled(String service) {
        return kubernetes.services().inNamespace(namespace).withName(service).get() != null;
    }

    /** What the charts made and uninstalling them left; the volumes of the data stay on purpose. */
    private List<String> left() {
        List<HasMetadata> left = new ArrayList<>();
        left.addAll(kubernetes.apps().deployments().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.apps().statefulSets().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.apps().daemonSets().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.pods().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.services().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.configMaps().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.secrets().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.serviceAccounts().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.rbac().roles().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.rbac().roleBindings().inNamespace(namespace).list().getItems());
        left.addAll(kubernetes.persistentVolumeClaims().inNamespace(namespace).list().getItems());
        return left.stream()
                .map(object -> object.getKind() + "/" + object.getMetadata().getName())
                // Kubernetes' own in each namespace.
                .filter(name -> !name.matches("ServiceAccount/default|Secret/default-token-.*"))
                .filter(name -> !name.equals("ConfigMap/kube-root-ca.crt"))
                .filter(name -> !name.matches("PersistentVolumeClaim/data-monitoring-.*"))
                .toList();
    }

    /** The base URL of a port of this machine that leads to a pod of a Service. */
    private String forward(String service, int port) {
        Map<String, String> selector =
                kubernetes
                        .services()
                        .inNamespace(namespace)
                        .withName(service)
                        .get()
                        .getSpec()
                        .getSelector();
        Pod ready =
                kubernetes
                        .pods()
                        .inNamespace(namespace)
                        .withLabels(selector)
                        .list()
                        .getItems()
                        .stream()
                        // Not one that a rollout is about to end.
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .filter(
                                pod ->
                                        pod.getStatus().getConditions().stream()
                                                .anyMatch(
                                                        c ->
                                                                c.getType().equals("Ready")
                                                                        && c.getStatus()
                                                                                .equals("True")))
                        .findFirst()
                        .orElseThrow();
        LocalPortForward forward =
                kubernetes
                        .pods()
                        .resource(ready)
                        .portForward(port, InetAddress.getLoopbackAddress(), 0);
        forwards.add(forward);
        return "http://127.0.0.1:" + forward.getLocalPort();
    }

    private void closeForwards() throws IOException {
        for (LocalPortForward forward : forwards) {
            forward.close();
        }
        forwards.clear();
    }

    /** Of the chart that is called like its release. */
    private List<String> command(String verb, String chart, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                verb,
                                chart,
                                "helm/" + chart,
                                "-n",
                                namespace,
                                "--wait",
                                "--timeout",
                                "5m"));
        command.addAll(Arrays.asList(more));
        return command;
    }

    private static void helm(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("helm"));
        command.addAll(arguments);
        Command.Result result = Command.run(Project.TOP, Map.of(), "", command);
        assertThat(result.isSuccess())
                .as(String.join(" ", command) + "\n" + result.output())
                .isTrue();
    }

    private static JsonNode get(String url) throws Exception {
        String body =
                HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                        .body();
        return JsonMapper.createDefault().readValue(body, Argument.of(JsonNode.class));
    }

    private static String text(JsonNode labels, String name) {
        JsonNode value = labels.get(name);
        return value == null ? "" : value.getStringValue();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
