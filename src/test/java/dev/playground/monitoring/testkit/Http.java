package dev.playground.monitoring.testkit;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The HTTP client of all tests. Headers are given as name, value, name, value. */
public final class Http {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Http() {}

    public static HttpResponse<String> get(URI uri, String... headers) {
        return getAsync(uri, headers).join();
    }

    public static CompletableFuture<HttpResponse<String>> getAsync(URI uri, String... headers) {
        return CLIENT.sendAsync(request(uri, headers).build(), BodyHandlers.ofString());
    }

    /** Posts JSON. */
    public static HttpResponse<String> post(URI uri, String json, String... headers) {
        HttpRequest.Builder request =
                request(uri, headers)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json));
        return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    /** For a body that is not text. */
    public static HttpResponse<byte[]> getBytes(URI uri, String... headers) {
        return CLIENT.sendAsync(request(uri, headers).build(), BodyHandlers.ofByteArray()).join();
    }

    /** The value of a header that the response must have. */
    public static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElseThrow();
    }

    private static HttpRequest.Builder request(URI uri, String... headers) {
        // A server that does not respond fails the test instead of blocking it.
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }
}
