package dev.playground.monitoring.faults;

import ch.qos.logback.core.util.NetworkAddressUtil;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Put;
import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** {@code /faults}: the active document. Each response has the state after the request. */
@Controller("/faults")
@Requires(beans = Faults.class)
final class FaultsController {
    /** In bytes. */
    private static final int MAX_BODY = 4096;

    private static final String SAME_ORIGIN = "a request from the same origin";

    private final Faults faults;
    private final String instance;

    /**
     * @param pod empty outside of Kubernetes
     */
    FaultsController(Faults faults, @Value("${POD_NAME:}") String pod) {
        this.faults = faults;
        // As the label of the log lines (logback.xml).
        this.instance = pod.isEmpty() ? new NetworkAddressUtil(null).safelyGetLocalHostName() : pod;
    }

    @Get
    JsonNode get(HttpRequest<?> request) {
        rejectCrossSite(request);
        return state();
    }

    @Delete
    JsonNode delete(HttpRequest<?> request) {
        rejectCrossSite(request);
        faults.delete();
        return state();
    }

    @Put(consumes = MediaType.ALL)
    CompletionStage<JsonNode> put(ServerHttpRequest<?> request) {
        rejectCrossSite(request);
        rejectOtherThanJson(request);
        rejectAboveLimit(request.getContentLength());
        return request.byteBody()
                .buffer()
                .thenApply(
                        body -> {
                            try (body) {
                                rejectAboveLimit(body.length());
                                faults.start(FaultReader.read(body.toByteArray()));
                                return state();
                            }
                        });
    }

    /** Any web page could otherwise break a service on the machine of its reader. */
    private static void rejectCrossSite(HttpRequest<?> request) {
        HttpHeaders headers = request.getHeaders();
        for (String site : headers.getAll("Sec-Fetch-Site")) {
            if (!site.equals("same-origin") && !site.equals("none")) {
                throw rejected(HttpStatus.FORBIDDEN, "Sec-Fetch-Site", site, SAME_ORIGIN);
            }
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
        return new InvalidRequestException(
                status, header, FaultReader.invalidValue(value), expected);
    }

    private JsonNode state() {
        Effects effects = faults.effects();
        Map<String, JsonNode> state = new LinkedHashMap<>();
        state.put("active", JsonNode.from(effects != null));
        state.put("faults", JsonNode.createObjectNode(effects == null ? Map.of() : effects.json()));
        long secondsLeft = 0;
        if (effects != null) {
            FaultDocument document = effects.document();
            state.put("for", JsonNode.from(Durations.format(document.lasts())));
            state.put("ramp", JsonNode.from(Durations.format(document.ramp())));
            if (document.seed() != null) {
                state.put("seed", JsonNode.from(document.seed()));
            }
            // Rounded up, so that it is 0 only at the end.
            secondsLeft = effects.left().plusNanos(999_999_999).toSeconds();
        }
        state.put("secondsLeft", JsonNode.from(secondsLeft));
        state.put("instance", JsonNode.from(instance));
        return JsonNode.createObjectNode(state);
    }
}
