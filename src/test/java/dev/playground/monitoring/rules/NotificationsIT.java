package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.testkit.AlertmanagerServer;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real Alertmanager with compose's flags posts to a webhook. Only the paths of files differ,
 * and the group interval, which is five seconds.
 */
public class NotificationsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Map<String, String> LOKI_DOWN = alert("TargetDown", "loki", "loki");

    /** Inhibited while Loki is down. */
    private static final List<Map<String, String>> CONSEQUENCES =
            List.of(
                    alert("DiskFilling", "loki", "loki"),
                    alert("PushedLinesDropped", "backend-monitoring", "backend"),
                    alert("PushedBatchesLost", "backend-monitoring", "backend"),
                    alert("PushedLinesDelayed", "backend-monitoring", "backend"),
                    alert("TailedLinesDelayed", "promtail", "promtail"),
                    Map.of("alertname", "NothingTailed"));

    /** Status and labels of each alert of each notification. */
    private final List<Set<JsonNode>> notifications = new CopyOnWriteArrayList<>();

    @TempDir Path folder;

    private HttpServer webhook;
    private AlertmanagerServer alertmanager;

    @BeforeEach
    void start() throws Exception {
        startWebhook();
        alertmanager =
                AlertmanagerServer.start(
                        folder, "http://localhost:" + webhook.getAddress().getPort() + "/", "5s");
    }

    private void startWebhook() throws IOException {
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    JsonNode posted = Json.parse(new String(body, StandardCharsets.UTF_8));
                    notifications.add(
                            Json.list(posted, "alerts").stream()
                                    .map(alert -> state(alert.get("status"), alert.get("labels")))
                                    .collect(Collectors.toSet()));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        webhook.start();
    }

    @AfterEach
    void stop() {
        if (alertmanager != null) {
            alertmanager.close();
        }
        if (webhook != null) {
            webhook.stop(0);
        }
    }

    @Test
    void notifiesOncePerGroupInhibitsConsequencesAndResolves() {
        Map<String, String> home = errorRatioHigh("/");
        Map<String, String> heavy = errorRatioHigh("/heavy-computation");
        Map<String, String> later = errorRatioHigh("/later");
        Map<String, String> watchdog = Map.of("alertname", "Watchdog");

        List<Map<String, String>> alerts = new ArrayList<>(CONSEQUENCES);
        alerts.addAll(List.of(LOKI_DOWN, home, heavy, watchdog));
        post(alerts, Map.of());
        awaitAlerts("firing", List.of(LOKI_DOWN));
        awaitAlerts("firing", List.of(watchdog));
        awaitAlerts("firing", List.of(home, heavy));

        // By the second notification of this group, every other group has had its first.
        post(List.of(later), Map.of());
        awaitAlerts("firing", List.of(home, heavy, later));
        assertThat(notifications).hasSize(4);

        post(List.of(LOKI_DOWN, home, heavy, later), Map.of("endsAt", Instant.now().toString()));
        // The consequences outlast their cause.
        CONSEQUENCES.forEach(consequence -> awaitAlerts("firing", List.of(consequence)));
        awaitAlerts("resolved", List.of(LOKI_DOWN));
        awaitAlerts("resolved", List.of(home, heavy, later));
    }

    /** As Prometheus does. */
    private void post(List<Map<String, String>> alerts, Map<String, String> times) {
        List<Map<String, Object>> body = new ArrayList<>();
        for (Map<String, String> alert : alerts) {
            Map<String, Object> one = new HashMap<>(times);
            one.put("labels", alert);
            body.add(one);
        }
        HttpResponse<String> answer =
                Http.post(
                        alertmanager.url().resolve("/api/v2/alerts"),
                        Json.text(JsonNode.from(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** That a notification has these alerts and no others. */
    private void awaitAlerts(String status, List<Map<String, String>> alerts) {
        Set<JsonNode> expected =
                alerts.stream()
                        .map(
                                alert ->
                                        state(
                                                JsonNode.createStringNode(status),
                                                JsonNode.from(alert)))
                        .collect(Collectors.toSet());
        await().atMost(LIMIT).untilAsserted(() -> assertThat(notifications).contains(expected));
    }

    private static JsonNode state(JsonNode status, JsonNode labels) {
        return JsonNode.createObjectNode(Map.of("status", status, "labels", labels));
    }

    private static Map<String, String> alert(String name, String job, String instance) {
        return Map.of("alertname", name, "job", job, "instance", instance);
    }

    private static Map<String, String> errorRatioHigh(String route) {
        return Map.of("alertname", "ErrorRatioHigh", "job", "backend-monitoring", "route", route);
    }
}
