package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operators do with the charts on a cluster: roll back, upgrade from an earlier version, set a
 * quota; all under the restricted Pod Security Standard. Runs with {@link KubernetesE2E}.
 */
class OperationsE2E {
    private static final String WAIT = " --wait --timeout 3m ";

    /** Prometheus alone, without a volume. */
    private static final String MINIMAL = "-f helm/monitoring/ci/minimal-values.yaml ";

    private static final String MONITORING = "monitoring helm/monitoring" + WAIT;

    private static final String POD = "get pod monitoring-prometheus-0 -o jsonpath=";

    private TestNamespace namespace;

    @BeforeEach
    void create() {
        namespace = TestNamespace.create("restricted");
    }

    @AfterEach
    void delete() {
        if (namespace != null) {
            namespace.close();
        }
    }

    @Test
    void rollsBackAnImageThatDoesNotExist() {
        namespace.helm("install " + MONITORING + MINIMAL);
        String image = namespace.kubectl(POD + "{.spec.containers[0].image}");

        namespace.helm(
                "upgrade monitoring helm/monitoring --set prometheus.image.tag=absent " + MINIMAL);
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(
                        () ->
                                namespace
                                        .kubectl(
                                                POD
                                                        + "{.status.containerStatuses[0].state"
                                                        + ".waiting.reason}")
                                        .matches("ErrImagePull|ImagePullBackOff"));
        namespace.helm("rollback monitoring 1" + WAIT);

        assertThat(namespace.kubectl(POD + "{.spec.containers[0].image}")).isEqualTo(image);
        assertThat(namespace.kubectl(POD + "{.status.containerStatuses[0].ready}"))
                .isEqualTo("true");
    }

    /** With the values of that version, and a StatefulSet with OrderedReady. */
    @Test
    void upgradesAReleaseOfTheFirstVersion(@TempDir Path folder) throws IOException {
        String upgrade = "upgrade " + MONITORING + "--reuse-values";
        String policy =
                "get statefulset monitoring-prometheus -o jsonpath={.spec.podManagementPolicy}";
        String image =
                Manifest.container(
                                Charts.Scenario.of("monitoring", "minimal").objects(), "prometheus")
                        .path("image")
                        .asText();
        namespace.helm(
                "install monitoring %s%s%s--set prometheus.image.tag=%s"
                        .formatted(
                                firstVersion(folder),
                                WAIT,
                                MINIMAL,
                                image.replaceFirst(".*:", "")));

        assertThat(namespace.helm(upgrade))
                .contains("delete statefulset --cascade=orphan monitoring-prometheus");
        assertThat(namespace.kubectl(policy)).isEqualTo("OrderedReady");
        String pod = namespace.kubectl(POD + "{.metadata.uid}");

        namespace.kubectl("delete statefulset --cascade=orphan monitoring-prometheus");
        assertThat(namespace.helm(upgrade)).doesNotContain("--cascade=orphan");
        assertThat(namespace.kubectl(policy)).isEqualTo("Parallel");
        assertThat(namespace.kubectl(POD + "{.metadata.uid}")).isEqualTo(pod);
    }

    private static Path firstVersion(Path folder) throws IOException {
        Path chart = Charts.copy("monitoring", folder);
        Files.copy(
                Project.TOP.resolve("src/test/resources/charts/first-monitoring-values.yaml"),
                chart.resolve("values.yaml"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.delete(chart.resolve("templates/tests/ready.yaml"));
        Path template = chart.resolve("templates/prometheus/statefulset.yaml");
        Files.writeString(
                template,
                Files.readString(template).replaceFirst("(?m)^  podManagementPolicy: .*\n", ""));
        return chart;
    }

    @Test
    void runsUnderTheRestrictedPodSecurityStandard() {
        namespace.helm(
                "install " + MONITORING + "--set agent=none" + namespace.monitoringArguments());
        namespace.helm("install backend helm/backend" + WAIT);

        namespace.helm("test monitoring");
        namespace.helm("test backend");
    }

    @Test
    void testsAReleaseUnderAQuota() {
        String limits = "--set test.resources.limits.cpu=100m,%sresources.limits.cpu=1";
        namespace.kubectl("create quota limits --hard=limits.cpu=4");
        namespace.helm("install " + MONITORING + MINIMAL + limits.formatted("prometheus."));
        namespace.helm("install backend helm/backend" + WAIT + limits.formatted(""));

        namespace.helm("test monitoring");
        namespace.helm("test backend");
    }
}
