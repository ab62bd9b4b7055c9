package dev.playground.monitoring.exercises;

import dev.playground.monitoring.faults.JsonRequest;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code /notifications}: a webhook for Alertmanager, which keeps the latest alerts. */
@Controller("/notifications")
@Requires(property = "faults.enabled", value = "true")
final class NotificationsController {
    private static final int MAX_KEPT = 20;

    private final Deque<Received> latest = new ArrayDeque<>();

    /** Oldest first. */
    @Get
    synchronized List<Received> get(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        return List.copyOf(latest);
    }

    @Post
    synchronized void receive(HttpRequest<?> request, @Body Notification notification) {
        JsonRequest.rejectCrossSite(request);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        for (Alert alert : notification.alerts) {
            // Any client can send any JSON.
            String name = Objects.requireNonNullElse(alert.labels.get("alertname"), "");
            if (name.matches("\\w{1,100}") && alert.status.matches("firing|resolved")) {
                latest.add(new Received(now, name, alert.status));
            }
        }
        while (latest.size() > MAX_KEPT) {
            latest.remove();
        }
    }

    /**
     * @param time RFC 3339, UTC
     */
    @Serdeable
    record Received(String time, String alert, String status) {}

    /** The fields of Alertmanager's webhook that are used. */
    @Serdeable
    record Notification(@Nullable List<Alert> alerts) {
        Notification {
            alerts = alerts == null ? List.of() : alerts.stream().filter(Objects::nonNull).toList();
        }
    }

    @Serdeable
    record Alert(@Nullable String status, @Nullable Map<String, String> labels) {
        Alert {
            status = status == null ? "" : status;
            labels = labels == null ? Map.of() : labels;
        }
    }
}
