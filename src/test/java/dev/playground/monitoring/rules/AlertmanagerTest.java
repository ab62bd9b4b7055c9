package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Alertmanager's own checker says of its two files. */
class AlertmanagerTest {
    @ParameterizedTest
    @ValueSource(strings = {"alertmanager.yml", "webhook.yml"})
    void amtoolAcceptsTheFile(String file) {
        PrometheusProgram.Result check =
                PrometheusProgram.amtool()
                        .run(
                                "check-config",
                                Project.FILES.resolve("alertmanager").resolve(file).toString());

        assertThat(check.exitCode()).as(check.output()).isZero();
    }
}
