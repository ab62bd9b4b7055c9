package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Kustomize moves to another namespace, and what finds its namespace by itself. */
class NamespaceTest {
    private static final String OLD = "the-old-namespace";

    /** Kustomize changes metadata.namespace and the subjects of a binding, and nothing else. */
    @ParameterizedTest
    @CsvSource({
        "backend, promtail",
        "monitoring, promtail",
        "monitoring, alloy",
        "monitoring, none"
    })
    void namesNamespaceOnlyInFieldsThatKustomizeSets(String chart, String agent) {
        var template = Charts.template(chart).withNamespace(OLD);
        String rendered =
                (chart.equals("backend") ? template : template.set("agent", agent)).call();

        assertThat(Manifest.parse(rendered))
                .isNotEmpty()
                .allSatisfy(
                        object -> {
                            for (JsonNode subject : object.at("/subjects")) {
                                ((ObjectNode) subject).remove("namespace");
                            }
                            assertThat(object.json().toString()).doesNotContain(OLD);
                        });
    }

    @Test
    void discoversAllNamespacesWhenEnabled() {
        for (String agent : List.of("promtail", "alloy")) {
            String rendered =
                    Charts.template("monitoring")
                            .set("discovery.allNamespaces", "true")
                            .set("agent", agent)
                            .call();

            assertThat(rendered)
                    .contains("kind: ClusterRole\n")
                    .doesNotContain("own_namespace: true")
                    .contains(
                            agent.equals("promtail")
                                    ? "namespaces: {own_namespace: false}"
                                    : "- name: ALL_NAMESPACES\n              value: \"true\"");
        }
    }
}
