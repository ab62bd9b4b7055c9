package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.testkit.FreePort;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.Requirement;
import io.micronaut.json.tree.JsonNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a webhook of one's own is told, by a real Alertmanager with compose's flags and the file for
 * a webhook. Only the places of files are others, and the minute between two notifications of a
 * group is five seconds.
 */
public class NotificationsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Map<String, String> LOKI_DOWN = of("TargetDown", "loki", "loki");

    private static final List<Map<String, String>> CONSEQUENCES =
            List.of(
                    of("DiskFilling", "loki", "loki"),
                    of("PushedLinesDropped", "backend-monitoring", "backend"),
                    of("PushedBatchesLost", "backend-monitoring", "backend"),
                    of("PushedLinesDelayed", "backend-monitoring", "backend"),
                    of("TailedLinesDelayed", "promtail", "promtail"),
                    Map.of("alertname", "NothingTailed"));

    /** Posted to the webhook, in the order of their coming. */
    private final List<JsonNode> notifications = new CopyOnWriteArrayList<>();

    @TempDir Path folder;

    private HttpServer webhook;
    private Process process;
    private String url;

    @BeforeEach
    void start() throws Exception {
        PrometheusProgram program = PrometheusProgram.alertmanager();
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext(
                "/",
                exchange -> {
                    notifications.add(
                            Json.parse(
                                    new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8)));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        webhook.start();
        Path receiver = folder.resolve("url");
        Files.writeString(receiver, "http://localhost:" + webhook.getAddress().getPort() + "/");
        Path configuration = folder.resolve("alertmanager.yml");
        String committed = Project.text(Project.FILES.resolve("alertmanager/webhook.yml"));
        assertThat(committed).contains("/etc/alertmanager/webhook/url", "group_interval: 1m");
        Files.writeString(
                configuration,
                committed
                        .replace("/etc/alertmanager/webhook/url", receiver.toString())
                        .replace("group_interval: 1m", "group_interval: 5s"));
        String address = "localhost:" + FreePort.find();
        url = "http://" + address;
        process =
                program.start(
                        ProcessBuilder.Redirect.to(folder.resolve("alertmanager.log").toFile()),
                        arguments(configuration, address));
        await().atMost(LIMIT).ignoreExceptions().until(() -> !process.isAlive() || isReady());
        if (!process.isAlive()) {
            String log = Files.readString(folder.resolve("alertmanager.log"));
            if (log.contains("default.tmpl: no such file")) {
                Requirement.PROMETHEUS.isMissing(
                        "Alertmanager lacks its templates, which Debian's has in"
                                + " /usr/share/prometheus/alertmanager.");
            }
            fail(log);
        }
    }

    private boolean isReady() {
        return Http.get(URI.create(url + "/-/ready")).statusCode() == 200;
    }

    private String[] arguments(Path configuration, String address) {
        Map<String, Object> service =
                Project.map(Project.map(Project.compose(), "services"), "alertmanager");
        @SuppressWarnings("unchecked")
        List<String> flags = (List<String>) service.get("command");
        return Stream.concat(
                        flags.stream()
                                .map(
                                        flag ->
                                                flag.replaceFirst(
                                                                "config.file=.*",
                                                                "config.file=" + configuration)
                                                        .replaceFirst(
                                                                "path=.*",
                                                                "path=" + folder.resolve("data"))),
                        Stream.of("--web.listen-address=" + address))
                .toArray(String[]::new);
    }

    @AfterEach
    void stop() throws Exception {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        if (webhook != null) {
            webhook.stop(0);
        }
    }

    @Test
    void eachGroupIsToldOnceConsequencesAreNotAndTheEndIs() throws Exception {
        Map<String, String> home = errorRatioHigh("/");
        Map<String, String> heavy = errorRatioHigh("/heavy-computation");
        Map<String, String> later = errorRatioHigh("/later");
        Map<String, String> watchdog = Map.of("alertname", "Watchdog");

        List<Map<String, String>> alerts = new ArrayList<>(CONSEQUENCES);
        alerts.addAll(List.of(LOKI_DOWN, home, heavy, watchdog));
        post(alerts, Map.of());

        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(told())
                                        .contains(
                                                Set.of(firing(LOKI_DOWN)),
                                                Set.of(firing(watchdog)),
                                                Set.of(firing(home), firing(heavy))));

        // Once this one is told, every group has had its turn.
        post(List.of(later), Map.of());
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(told())
                                        .contains(
                                                Set.of(
                                                        firing(home),
                                                        firing(heavy),
                                                        firing(later))));
        assertThat(told()).hasSize(4);

        post(List.of(LOKI_DOWN, home, heavy, later), Map.of("endsAt", Instant.now().toString()));

        // What Loki was the cause of goes on without it: now it is news.
        List<Set<Told>> news = CONSEQUENCES.stream().map(alert -> Set.of(firing(alert))).toList();
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(told())
                                        .contains(
                                                Set.of(resolved(LOKI_DOWN)),
                                                Set.of(
                                                        resolved(home),
                                                        resolved(heavy),
                                                        resolved(later)))
                                        .containsAll(news));
    }

    /** As Prometheus does. */
    private void post(List<Map<String, String>> alerts, Map<String, String> more) throws Exception {
        List<Map<String, Object>> body = new ArrayList<>();
        for (Map<String, String> alert : alerts) {
            Map<String, Object> one = new HashMap<>(more);
            one.put("labels", alert);
            body.add(one);
        }
        HttpResponse<String> answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(url + "/api/v2/alerts"))
                                        .header("Content-Type", "application/json")
                                        .POST(
                                                BodyPublishers.ofString(
                                                        Json.text(JsonNode.from(body))))
                                        .build(),
                                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** One set for each notification. */
    private List<Set<Told>> told() {
        return notifications.stream()
                .map(
                        notification ->
                                Json.list(notification, "alerts").stream()
                                        .map(Told::of)
                                        .collect(Collectors.toSet()))
                .toList();
    }

    private static Told firing(Map<String, String> alert) {
        return new Told("firing", alert);
    }

    private static Told resolved(Map<String, String> alert) {
        return new Told("resolved", alert);
    }

    private static Map<String, String> of(String alert, String job, String instance) {
        return Map.of("alertname", alert, "job", job, "instance", instance);
    }

    private static Map<String, String> errorRatioHigh(String route) {
        return Map.of("alertname", "ErrorRatioHigh", "job", "backend-monitoring", "route", route);
    }

    /** One alert in a notification. */
    private record Told(String status, Map<String, String> labels) {
        static Told of(JsonNode alert) {
            Map<String, String> labels = new HashMap<>();
            alert.get("labels")
                    .entries()
                    .forEach(
                            label -> labels.put(label.getKey(), label.getValue().getStringValue()));
            return new Told(Json.string(alert, "status"), labels);
        }
    }
}
