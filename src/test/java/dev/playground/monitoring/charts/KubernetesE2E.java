package dev.playground.monitoring.charts;

import static dev.playground.monitoring.testkit.PrometheusApi.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.Requirement;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Both charts on the cluster of the current kubectl context, in a namespace that this test creates
 * and deletes. The cluster needs the images; {@code mvn verify -Pe2e-k8s} runs this and nothing
 * else.
 *
 * <p>{@code -De2e.helm.args="--set grafana.enabled=false"} adds arguments to the installation of
 * the monitoring chart, for a cluster that lacks an image.
 */
class KubernetesE2E {
    private static final int CALLS = 300;

    private static final String APP = "loki-backend-monitoring";

    /** Of the requests that this test sends. */
    private static final Pattern TRACE_ID = Pattern.compile("\"trace_id\":\"(0{28}\\w{4})\"");

    /** What the charts install and Helm stores. */
    private static final Map<String, List<String>> KINDS =
            Map.of(
                    "apps/v1", List.of("Deployment", "StatefulSet", "DaemonSet"),
                    "v1", List.of("Pod", "Service", "ConfigMap", "Secret", "ServiceAccount"),
                    "rbac.authorization.k8s.io/v1", List.of("Role", "RoleBinding"));

    private final List<LocalPortForward> forwards = new ArrayList<>();

    private final String namespace = "e2e-" + UUID.randomUUID().toString().substring(0, 8);

    private KubernetesClient kubernetes;

    @BeforeEach
    void connect() {
        if (!run("helm", "version").isSuccess()) {
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
    void cleanUp() throws IOException {
        for (LocalPortForward forward : forwards) {
            forward.close();
        }
        if (kubernetes != null) {
            kubernetes.namespaces().withName(namespace).delete();
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> kubernetes.namespaces().withName(namespace).get() == null);
            kubernetes.close();
        }
    }

    @Test
    void installsUpgradesRollsBackAndUninstalls() {
        String more = System.getProperty("e2e.helm.args", "");
        if (kubernetes.storage().v1().storageClasses().list().getItems().isEmpty()) {
            more = "-f helm/monitoring/ci/no-volumes-values.yaml " + more;
        }
        helm("install monitoring helm/monitoring --wait --timeout 5m " + more);
        helm("install backend helm/backend --wait --timeout 5m --set heavy.errorRate=0");

        theTargetIsUp();
        call();
        eachLineIsOnStandardOutputOnce();
        if (kubernetes.services().inNamespace(namespace).withName("monitoring-loki").get()
                != null) {
            eachLineIsInLokiOnce();
        } else {
            System.err.println("Without Loki, its lines are not checked.");
        }
        helm("test --logs backend");
        helm("test --logs monitoring");

        assertThat(computation()).isEqualTo(200);
        helm("upgrade backend helm/backend --wait --timeout 5m --set heavy.errorRate=1");
        assertThat(computation()).isEqualTo(500);
        helm("rollback backend 1 --wait --timeout 5m");
        assertThat(computation()).isEqualTo(200);

        helm("upgrade monitoring helm/monitoring --wait --timeout 5m --reuse-values");
        grafanasLoginIsKeptByAnUpgrade();

        helm("uninstall backend --wait");
        helm("uninstall monitoring --wait");
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(left()).isEmpty());
    }

    /** In a separate release that nobody waits for: the cluster may lack Grafana's image. */
    private void grafanasLoginIsKeptByAnUpgrade() {
        String values =
                " login helm/monitoring -f helm/monitoring/ci/existing-stack-values.yaml"
                        + " --set agent=none,grafana.admin.user=";
        helm("install" + values + "first");
        Map<String, String> login = login();
        assertThat(login).containsOnlyKeys("admin-user", "admin-password");
        assertThat(login.values()).doesNotContain("");

        helm("upgrade" + values + "second");
        assertThat(login()).isEqualTo(login);

        helm("uninstall login");
    }

    private Map<String, String> login() {
        return kubernetes
                .secrets()
                .inNamespace(namespace)
                .withName("login-grafana")
                .get()
                .getData();
    }

    private void theTargetIsUp() {
        PrometheusApi prometheus = new PrometheusApi(url("monitoring-prometheus", 9090));
        List<String> pods = pods().map(pod -> pod.get().getMetadata().getName()).toList();

        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .untilAsserted(
                        () ->
                                assertThat(prometheus.query("up{job=\"backend-monitoring\"} == 1"))
                                        // Its name, job and instance.
                                        .allMatch(up -> Json.at(up, "metric").size() == 3)
                                        .extracting(up -> Json.string(up, "metric", "instance"))
                                        .containsExactlyInAnyOrderElementsOf(pods));
    }

    /** The number of a request is its trace id, which its line has. */
    private void call() {
        URI backend = URI.create(url("backend", 3000));
        for (int i = 1; i <= CALLS; i++) {
            String traceparent = "00-%032x-%016x-01".formatted(i, i);
            assertThat(Http.get(backend, "traceparent", traceparent).statusCode()).isEqualTo(200);
        }
    }

    private void eachLineIsOnStandardOutputOnce() {
        String output = pods().map(PodResource::getLog).collect(Collectors.joining());

        assertThat(TRACE_ID.matcher(output).results().map(MatchResult::group))
                .hasSize(CALLS)
                .doesNotHaveDuplicates();
    }

    private Stream<PodResource> pods() {
        return kubernetes.pods().inNamespace(namespace).withLabel("app", APP).resources();
    }

    private void eachLineIsInLokiOnce() {
        PrometheusApi prometheus = new PrometheusApi(url("monitoring-prometheus", 9090));
        String received = "loki_distributor_lines_received_total";
        // Both shippers have sent theirs: Loki received each line twice and more, and then nothing
        // for four scrapes, far longer than either collects a batch.
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(
                        () ->
                                prometheus.scalar("sum(" + received + ")") >= 2 * CALLS
                                        && prometheus.scalar("sum(changes(" + received + "[20s]))")
                                                == 0);
        Map<String, Integer> lines = lines();
        assertThat(lines).hasSize(CALLS);
        assertThat(lines.values()).containsOnly(1);
    }

    /** Trace id to number of lines, of the requests that this test sent. */
    private Map<String, Integer> lines() {
        // Loki's API is like Prometheus'.
        PrometheusApi loki = new PrometheusApi(url("monitoring-loki", 3100) + "/loki");
        String query =
                "{app=\"%s\", namespace=\"%s\"} | trace_id=~\"0{28}.+\"".formatted(APP, namespace);
        Map<String, Integer> lines = new TreeMap<>();
        for (JsonNode stream :
                Json.list(
                        loki.get("query_range?limit=5000&since=1h&query=" + encode(query)),
                        "result")) {
            lines.merge(
                    Json.string(stream, "stream", "trace_id"),
                    Json.list(stream, "values").size(),
                    Integer::sum);
        }
        return lines;
    }

    private int computation() {
        return Http.get(URI.create(url("backend", 3000) + "/heavy-computation")).statusCode();
    }

    /** What uninstalling left; the volumes of the data stay on purpose. */
    private List<String> left() {
        List<String> left = new ArrayList<>();
        KINDS.forEach((version, kinds) -> kinds.forEach(kind -> left.addAll(names(version, kind))));
        left.addAll(names("v1", "PersistentVolumeClaim"));
        left.removeIf(name -> name.startsWith("PersistentVolumeClaim/data-monitoring-"));
        // Kubernetes' own in each namespace.
        left.removeIf(name -> name.matches("ServiceAccount/default|Secret/default-token-.*"));
        left.remove("ConfigMap/kube-root-ca.crt");
        return left;
    }

    private List<String> names(String version, String kind) {
        return kubernetes
                .genericKubernetesResources(version, kind)
                .inNamespace(namespace)
                .list()
                .getItems()
                .stream()
                .map(object -> kind + "/" + object.getMetadata().getName())
                .toList();
    }

    /** The base URL of a local port that leads to a pod of a Service. */
    private String url(String service, int port) {
        var services = kubernetes.services().inNamespace(namespace);
        var pods =
                kubernetes
                        .pods()
                        .inNamespace(namespace)
                        .withLabels(services.withName(service).get().getSpec().getSelector());
        Pod ready =
                pods.list().getItems().stream()
                        // Not one that a rollout is about to end.
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .filter(Readiness::isPodReady)
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

    private void helm(String arguments) {
        Command.Result result = run(("helm -n " + namespace + " " + arguments).split(" +"));

        assertThat(result.isSuccess()).as(arguments + "\n" + result.output()).isTrue();
    }

    private static Command.Result run(String... command) {
        return Command.run(Project.TOP, Map.of(), "", List.of(command));
    }
}
