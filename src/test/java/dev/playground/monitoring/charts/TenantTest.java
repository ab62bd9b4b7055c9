package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.testkit.Project;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tenant of a Loki with auth_enabled: true, from one value to every client of Loki. */
class TenantTest {
    @ParameterizedTest
    @ValueSource(strings = {"promtail", "alloy", "grafana"})
    void agentAndGrafanaSendTenant(String part) {
        assertThat(environment(part, "shop")).containsEntry("LOKI_TENANT", "shop");
        assertThat(environment(part, "")).containsEntry("LOKI_TENANT", "");
    }

    /** Grafana sends a header that has a name, even without a value. */
    @Test
    void grafanaHasAHeaderOnlyForATenant() {
        assertThat(environment("grafana", "shop"))
                .containsEntry("LOKI_TENANT_HEADER", "X-Scope-OrgID");
        assertThat(environment("grafana", "")).containsEntry("LOKI_TENANT_HEADER", "");
        assertThat(
                        Project.map(
                                Project.map(Project.map(Project.compose(), "services"), "grafana"),
                                "environment"))
                .containsEntry("LOKI_TENANT_HEADER", "${LOKI_TENANT:+X-Scope-OrgID}");
    }

    @Test
    void chartOfServiceSetsItsTenant() {
        assertThat(Charts.template("backend").set("lokiTenant", "shop").call())
                .contains("LOKI_TENANT: \"shop\"");
        assertThat(Charts.template("backend").call()).doesNotContain("LOKI_TENANT");
    }

    @Test
    void eachFileSendsTenantToLoki() {
        assertThat(Project.text(Project.FILES.resolve("promtail/promtail.yaml")))
                .contains("tenant_id: \"${LOKI_TENANT}\"");
        assertThat(Project.text(Project.FILES.resolve("alloy/config.alloy")))
                .containsPattern("tenant_id +=\\s+sys.env\\(\"LOKI_TENANT\"\\)");
        assertThat(Project.text(Project.FILES.resolve("grafana/datasources.yaml")))
                .containsOnlyOnce("httpHeaderName1: ${LOKI_TENANT_HEADER}")
                .containsOnlyOnce("httpHeaderValue1: ${LOKI_TENANT}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a b", ".", "..", "a|b", "ä", "\"a\""})
    void rejectsInvalidTenant(String tenant) {
        for (Map.Entry<String, String> value :
                Map.of("backend", "lokiTenant", "monitoring", "loki.tenant").entrySet()) {
            var template = Charts.template(value.getKey()).set(value.getValue(), tenant);
            assertThatThrownBy(template::call)
                    .hasMessageContaining(value.getValue().replace('.', '/'));
        }
    }

    private static Map<String, String> environment(String part, String tenant) {
        return Manifest.environment(
                Manifest.container(
                        Manifest.parse(
                                Charts.template("monitoring")
                                        .set("agent", part.equals("alloy") ? "alloy" : "promtail")
                                        .set("loki.tenant", tenant)
                                        .call()),
                        part));
    }
}
