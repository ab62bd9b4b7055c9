package dev.playground.monitoring.http;

import static org.awaitility.Awaitility.await;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.server.annotation.PreMatching;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Routes that fail, wait, or read a body, for tests with the property {@code spec.faulty}. */
@Requires(property = "spec.faulty")
@Controller("/faulty")
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
public final class FaultyController {
    public static final String SECRET = "internal-detail";

    private final Set<String> started = ConcurrentHashMap.newKeySet();

    /** Runs on the thread that reads the connection, before it reads the body. */
    @PreMatching
    @RequestFilter
    void start(HttpRequest<?> request) {
        started.add(request.getPath());
    }

    @Get("/{id}")
    String byId(String id) {
        return id;
    }

    @Post(value = "/echo", processes = MediaType.TEXT_PLAIN)
    String echo(@Body String body) {
        return body;
    }

    @Get("/throws")
    String fail() {
        throw new IllegalStateException(SECRET);
    }

    @Get("/throws-later")
    CompletionStage<String> failLater() {
        return CompletableFuture.supplyAsync(this::fail);
    }

    @Get("/waits")
    CompletionStage<String> waitForDisconnect(HttpRequest<?> request) {
        return CompletableFuture.supplyAsync(
                () -> {
                    await().until(() -> !Client.isConnected(request));
                    return "not received";
                });
    }

    public void awaitStart(String path) {
        await().until(() -> started.remove(path));
    }
}
