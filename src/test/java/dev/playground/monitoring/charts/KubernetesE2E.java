package dev.playground.monitoring.charts;

import static dev.playground.monitoring.testkit.PrometheusApi.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.FreePort;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both charts on the cluster of the current kubectl context, in a namespace that this test creates
 * and deletes. The cluster needs the images; {@code mvn verify -Pe2e-k8s} runs this and {@link
 * OperationsE2E}.
 *
 * <p>{@code -De2e.helm.args="--set grafana.enabled=false"} adds arguments to the installation of
 * the monitoring chart, for a cluster that lacks an image.
 */
class KubernetesE2E {
    private static final int CALLS = 300;

    private static final String APP = "loki-backend-monitoring";

    /** Of the requests that this test sends. */
    private static final Pattern TRACE_ID = Pattern.compile("\"trace_id\":\"(0{28}\\w{4})\"");

    /** Kubernetes' own in each namespace; the volumes of the data stay on purpose. */
    private static final Pattern KEPT =
            Pattern.compile(
                    "serviceaccount/default|secret/default-token-.*|configmap/kube-root-ca.crt"
                            + "|persistentvolumeclaim/data-monitoring-.*");

    private TestNamespace namespace;

    @TempDir Path folder;

    private Process proxy;

    /** Base URL of the Services, by the proxy of the API server. */
    private String services;

    @BeforeEach
    void connect() throws IOException {
        namespace = TestNamespace.create("privileged");
        int port = FreePort.find();
        proxy = Command.start(folder.resolve("log"), List.of("kubectl", "proxy", "--port=" + port));
        String api = "http://127.0.0.1:" + port;
        services = api + "/api/v1/namespaces/" + namespace.name() + "/services/";
        await().ignoreExceptions().until(() -> get(api + "/readyz") == 200);
    }

    @AfterEach
    void cleanUp() {
        if (proxy != null) {
            Command.stop(proxy);
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    @Test
    void installsUpgradesRollsBackAndUninstalls() {
        helm(
                "install monitoring helm/monitoring --wait --timeout 5m"
                        + namespace.monitoringArguments());
        helm("install backend helm/backend --wait --timeout 5m --set heavy.errorRate=0");

        theTargetIsUp();
        call();
        eachLineIsOnStandardOutputOnce();
        if (kubectl("get services -o name").contains("service/monitoring-loki")) {
            eachLineIsInLokiOnce();
        } else {
            System.err.println("Without Loki, its lines are not checked.");
        }
        helm("test --logs backend");
        helm("test --logs monitoring");

        awaitComputation(200);
        helm("upgrade backend helm/backend --wait --timeout 5m --set heavy.errorRate=1");
        awaitComputation(500);
        helm("rollback backend 1 --wait --timeout 5m");
        awaitComputation(200);

        helm("upgrade monitoring helm/monitoring --wait --timeout 5m --reuse-values");
        grafanasLoginIsKeptByAnUpgrade();

        helm("uninstall backend --wait");
        helm("uninstall monitoring --wait");
        await().atMost(Duration.ofMinutes(2)).untilAsserted(this::nothingIsLeft);
    }

    /** In a separate release that nobody waits for: the cluster may lack Grafana's image. */
    private void grafanasLoginIsKeptByAnUpgrade() {
        String values =
                " login helm/monitoring -f helm/monitoring/ci/existing-stack-values.yaml"
                        + " --set agent=none,grafana.admin.user=";
        helm("install" + values + "first");
        String login = kubectl("get secret login-grafana -o jsonpath={.data}");
        assertThat(login).matches("\\{\"admin-password\":\"\\S+\",\"admin-user\":\"\\S+\"}");

        helm("upgrade" + values + "second");
        assertThat(kubectl("get secret login-grafana -o jsonpath={.data}")).isEqualTo(login);

        helm("uninstall login");
    }

    private void theTargetIsUp() {
        String[] pods = kubectl("get pods -o name -l app=" + APP).replace("pod/", "").split("\n");

        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .untilAsserted(
                        () ->
                                assertThat(
                                                prometheus()
                                                        .query(
                                                                "up{job=\"backend-monitoring\"} == 1"))
                                        // Its name, job and instance.
                                        .allMatch(up -> Json.at(up, "metric").size() == 3)
                                        .extracting(up -> Json.string(up, "metric", "instance"))
                                        .containsExactlyInAnyOrder(pods));
    }

    private PrometheusApi prometheus() {
        return new PrometheusApi(services + "monitoring-prometheus:9090/proxy");
    }

    /** The number of a request is its trace id, which its line has. */
    private void call() {
        for (int i = 1; i <= CALLS; i++) {
            String traceparent = "00-%032x-%016x-01".formatted(i, i);
            assertThat(get(services + "backend:3000/proxy/", "traceparent", traceparent))
                    .isEqualTo(200);
        }
    }

    private void eachLineIsOnStandardOutputOnce() {
        String output = kubectl("logs --tail=-1 -l app=" + APP);

        assertThat(TRACE_ID.matcher(output).results().map(MatchResult::group))
                .hasSize(CALLS)
                .doesNotHaveDuplicates();
    }

    private void eachLineIsInLokiOnce() {
        String received = "loki_distributor_lines_received_total";
        // Both shippers have sent theirs: Loki received each line twice and more, and then nothing
        // for four scrapes, far longer than either collects a batch.
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(
                        () ->
                                prometheus().scalar("sum(" + received + ")") >= 2 * CALLS
                                        && prometheus()
                                                        .scalar(
                                                                "sum(changes("
                                                                        + received
                                                                        + "[20s]))")
                                                == 0);
        // Loki's API is like Prometheus'.
        PrometheusApi loki = new PrometheusApi(services + "monitoring-loki:3100/proxy/loki");
        String query =
                "{app=\"%s\", namespace=\"%s\"} | trace_id=~\"0{28}.+\""
                        .formatted(APP, namespace.name());
        JsonNode data = loki.get("query_range?limit=5000&since=1h&query=" + encode(query));
        Map<String, Integer> lines = new TreeMap<>();
        for (JsonNode stream : Json.list(data, "result")) {
            lines.merge(
                    Json.string(stream, "stream", "trace_id"),
                    Json.list(stream, "values").size(),
                    Integer::sum);
        }
        assertThat(lines).hasSize(CALLS);
        assertThat(lines.values()).containsOnly(1);
    }

    /** Retried: the Service may route to a terminating pod. */
    private void awaitComputation(int status) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get(services + "backend:3000/proxy/heavy-computation") == status);
    }

    private void nothingIsLeft() {
        String kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,pvc";

        assertThat(kubectl("get " + kinds + " -o name").lines())
                .allMatch(name -> KEPT.matcher(name).matches());
    }

    private static int get(String url, String... headers) {
        return Http.get(URI.create(url), headers).statusCode();
    }

    private void helm(String arguments) {
        namespace.helm(arguments);
    }

    private String kubectl(String arguments) {
        return namespace.kubectl(arguments);
    }
}
