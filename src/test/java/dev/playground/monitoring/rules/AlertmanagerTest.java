package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alertmanager's file without a receiver, and the one with a webhook. */
class AlertmanagerTest {
    private static final Path FOLDER = Project.FILES.resolve("alertmanager");

    @ParameterizedTest
    @ValueSource(strings = {"alertmanager.yml", "webhook.yml"})
    void amtoolAcceptsTheFile(String file) {
        PrometheusProgram.amtool().expectSuccess("check-config", FOLDER.resolve(file).toString());
    }

    @Test
    void filesDifferOnlyInTheReceiver() {
        Map<String, Object> page = Project.yaml(FOLDER.resolve("alertmanager.yml"));
        Map<String, Object> webhook = Project.yaml(FOLDER.resolve("webhook.yml"));
        Map<String, Object> address =
                Map.of("url_file", "/etc/alertmanager/webhook/url", "send_resolved", true);

        assertThat(page.remove("receivers")).isEqualTo(List.of(Map.of("name", "default")));
        assertThat(webhook.remove("receivers"))
                .isEqualTo(List.of(Map.of("name", "default", "webhook_configs", List.of(address))));
        assertThat(webhook).isEqualTo(page);
    }
}
