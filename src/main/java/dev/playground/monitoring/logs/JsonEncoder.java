package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/**
 * One event as one JSON object on one line, for an agent that tails standard output: {@code ts}
 * (RFC 3339, UTC, with nanoseconds), {@code level}, the fields of {@link LogMetadata}, {@code line}
 * ({@link LogLine}). Logback's own {@code ch.qos.logback.classic.encoder.JsonEncoder} has other
 * fields, and its {@code JsonEscapeUtil} escapes each slash.
 */
public final class JsonEncoder extends EncoderBase<ILoggingEvent> {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** In bytes; a container runtime splits longer lines. */
    private static final int MAX_CONTAINER_LINE = 16 * 1024;

    /** Of the last event: to format it takes longer than the rest of the line. */
    private volatile Second second = new Second(0, "1970-01-01T00:00:00");

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder json = new StringBuilder(256).append("{\"ts\":\"");
        timestamp(json, event);
        json.append('"');
        field(json, "level", event.getLevel().toString());
        LogMetadata.forEach(event, (name, value) -> field(json, name, value));
        field(json, "line", LogLine.of(event));
        json.append("}\n");
        byte[] line = json.toString().getBytes(StandardCharsets.UTF_8);
        return line.length > MAX_CONTAINER_LINE ? ascii(json) : line;
    }

    /** Docker splits a line at any byte, and corrupts a multi-byte character that it splits. */
    private static byte[] ascii(CharSequence json) {
        StringBuilder ascii = new StringBuilder(json.length() * 2);
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x80) {
                ascii.append(c);
            } else {
                ascii.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return ascii.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Equal to the timestamp that loki4j pushes. A string: Promtail parses a number as a float,
     * which is exact to 256 ns only.
     */
    private void timestamp(StringBuilder json, ILoggingEvent event) {
        long millis = event.getTimeStamp();
        Second current = second;
        if (current.epoch != millis / 1_000) {
            current = Second.of(millis / 1_000);
            second = current;
        }
        long nanos = millis % 1_000 * 1_000_000 + event.getNanoseconds() % 1_000_000;
        json.append(current.text);
        int point = json.length();
        // Ten digits, so that the zeros after the point are written; the first becomes the point.
        json.append(NANOS_PER_SECOND + nanos).setCharAt(point, '.');
        json.append('Z');
    }

    private static void field(StringBuilder json, String name, String value) {
        json.append(",\"").append(name).append("\":\"");
        JsonStringEncoder.getInstance().quoteAsString(value, json);
        json.append('"');
    }

    /**
     * @param text without the zone
     */
    private record Second(long epoch, String text) {
        static Second of(long epoch) {
            String instant = Instant.ofEpochSecond(epoch).toString();
            return new Second(epoch, instant.substring(0, instant.length() - 1));
        }
    }
}
