package dev.playground.monitoring.faults;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The rules for requests that can change the service. */
public final class JsonRequest {
    /** In bytes. */
    private static final int MAX_BODY = 4096;

    private static final String SAME_ORIGIN = "a request from the same origin";

    private JsonRequest() {}

    /**
     * Reads a body of JSON, at most 4,096 bytes.
     *
     * @throws InvalidRequestException with status 403, 413 or 415
     */
    public static <T> CompletionStage<T> read(
            ServerHttpRequest<?> request, Function<byte[], T> reader) {
        rejectCrossSite(request);
        rejectOtherThanJson(request);
        rejectAboveLimit(request.getContentLength());
        return request.byteBody()
                .buffer()
                .thenApply(
                        body -> {
                            try (body) {
                                rejectAboveLimit(body.length());
                                return reader.apply(body.toByteArray());
                            }
                        });
    }

    /**
     * Any web page could otherwise break a service on the machine of its reader.
     *
     * @throws InvalidRequestException with status 403
     */
    public static void rejectCrossSite(HttpRequest<?> request) {
        HttpHeaders headers = request.getHeaders();
        List<String> sites = headers.getAll("Sec-Fetch-Site");
        for (String site : sites) {
            if (!site.equals("same-origin") && !site.equals("none")) {
                throw rejected(HttpStatus.FORBIDDEN, "Sec-Fetch-Site", site, SAME_ORIGIN);
            }
        }
        if (!sites.isEmpty()) {
            // A proxy that changes the host would make each origin look foreign.
            return;
        }
        String host = headers.get(HttpHeaders.HOST);
        for (String origin : headers.getAll(HttpHeaders.ORIGIN)) {
            if (!origin.replaceFirst("^https?://", "").equalsIgnoreCase(host)) {
                throw rejected(HttpStatus.FORBIDDEN, HttpHeaders.ORIGIN, origin, SAME_ORIGIN);
            }
        }
    }

    private static void rejectOtherThanJson(HttpRequest<?> request) {
        List<String> types = request.getHeaders().getAll(HttpHeaders.CONTENT_TYPE);
        String type = String.join(", ", types).toLowerCase(Locale.ROOT);
        if (!type.matches("application/json *(;.*)?")) {
            throw rejected(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    HttpHeaders.CONTENT_TYPE,
                    type,
                    MediaType.APPLICATION_JSON);
        }
    }

    private static void rejectAboveLimit(long length) {
        if (length > MAX_BODY) {
            throw new InvalidRequestException(
                    HttpStatus.REQUEST_ENTITY_TOO_LARGE,
                    "body",
                    length + " bytes",
                    "at most " + MAX_BODY + " bytes");
        }
    }

    private static InvalidRequestException rejected(
            HttpStatus status, String header, String value, String expected) {
        return new InvalidRequestException(status, header, JsonBody.invalidValue(value), expected);
    }
}
