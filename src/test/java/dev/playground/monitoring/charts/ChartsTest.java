package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The charts as packages. */
class ChartsTest {
    static final List<String> CHARTS = Charts.NAMES;

    @ParameterizedTest
    @FieldSource("CHARTS")
    void passesHelmsStrictLint(String chart) {
        LintResult lint = new Helm(Charts.folder(chart)).lint().strict().call();

        assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void describesItselfInTheVersionOfTheProject(String chart) {
        Map<String, Object> metadata = Project.yaml(Charts.folder(chart).resolve("Chart.yaml"));

        assertThat(Project.text(Path.of("pom.xml")))
                .contains(
                        "<artifactId>backend-monitoring</artifactId>\n  <version>%s<"
                                .formatted(metadata.get("appVersion")));
        assertThat(metadata)
                .containsEntry("version", metadata.get("appVersion"))
                .containsKeys("description", "keywords");
    }

    @ParameterizedTest
    @FieldSource("CHARTS")
    void installsFromKubernetes123On(String chart) {
        Helm helm = new Helm(Charts.folder(chart));

        assertThat(helm.template().withKubeVersion("1.23.0").call()).isNotEmpty();
        assertThatThrownBy(helm.template().withKubeVersion("1.22.17")::call)
                .hasMessageContaining("chart requires kubeVersion: >=1.23.0");
    }

    /** Elsewhere the pod is an ordinary object; here it has to be Helm's, run on request only. */
    @EachScenario
    void hasOnePodForHelmTest(Charts.Scenario scenario) throws IOException {
        assertThat(Manifest.all(scenario.objects(), "Pod")).hasSize(1);
        try (Stream<Path> files =
                Files.list(Charts.folder(scenario.chart()).resolve("templates/tests"))) {
            assertThat(files)
                    .allSatisfy(
                            file ->
                                    assertThat(file)
                                            .content()
                                            .containsOnlyOnce("\n    helm.sh/hook: test\n"));
        }
    }

    /** Of the shared files the service's chart takes what its templates read. */
    @ParameterizedTest
    @FieldSource("CHARTS")
    void packagesOnlyWhatItReads(String chart, @TempDir Path folder) {
        new Helm(Charts.folder(chart)).packageIt().withDestination(folder).call();
        Command.Result list =
                Command.run("tar", "tzf", folder.resolve(chart + "-1.0.0.tgz").toString());

        assertThat(list.output().lines().map(name -> name.substring(chart.length() + 1)))
                .contains("Chart.yaml", "README.md", "values.yaml", "values.schema.json")
                .noneMatch(name -> name.startsWith("ci/"))
                .filteredOn(name -> chart.equals("backend") && name.startsWith("files/"))
                .allMatch(
                        name ->
                                name.equals("files/prometheus/rules/service.yml")
                                        // playground:start
                                        || name.equals("files/traffic/traffic.js")
                                        // playground:end
                                        || name.startsWith("files/grafana/dashboards/")
                                                && !name.endsWith("/monitoring-stack.json"));
    }
}
