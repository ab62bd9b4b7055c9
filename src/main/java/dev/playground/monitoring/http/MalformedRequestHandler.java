package dev.playground.monitoring.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Handles what Netty could not parse. Micronaut answers a malformed request head before any filter
 * runs, so this handler reports it to the {@link MalformedRequestListener}. A malformed chunk of a
 * body becomes an error of its request, and passes the filters as any other error does.
 */
@Singleton
final class MalformedRequestHandler
        implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final MalformedRequestListener listener;

    MalformedRequestHandler(MalformedRequestListener listener) {
        this.listener = listener;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        NettyServerCustomizer.Registry registry = event.getBean();
        registry.register(new Customizer(listener, null));
        return registry;
    }

    private record Customizer(MalformedRequestListener listener, Channel channel)
            implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            return new Customizer(listener, channel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            channel.pipeline()
                    .addBefore(
                            ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
                            MalformedRequestHandler.class.getSimpleName(),
                            new Handler(listener));
        }
    }

    private static final class Handler extends ChannelInboundHandlerAdapter {
        /** A name or address, and an optional port (RFC 3986, section 3.2). */
        private static final Pattern HOST =
                Pattern.compile("(\\[[^\\]\\s/@]+]|[\\w.~!$&'()*+,;=%-]*+)(:\\d*+)?");

        private final MalformedRequestListener listener;

        /** The connection is closed after the response; what follows is not read as requests. */
        private boolean rejected;

        Handler(MalformedRequestListener listener) {
            this.listener = listener;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (rejected) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpRequest request) {
                if (request.decoderResult().isSuccess()) {
                    check(request);
                }
                rejected = request.decoderResult().isFailure();
                if (rejected) {
                    listener.onMalformedRequest(status(request.decoderResult().cause()));
                }
            } else if (message instanceof HttpContent content
                    && content.decoderResult().isFailure()) {
                // Micronaut would treat it as the end of the body, answer 200, and wait for further
                // requests, which Netty no longer reads.
                content.release();
                ctx.fireExceptionCaught(RejectedRequestException.closing(HttpStatus.BAD_REQUEST));
                return;
            }
            ctx.fireChannelRead(message);
        }

        /** What RFC 9112, sections 2.3, 3.2 and 6.1, requires and Netty does not check. */
        private static void check(HttpRequest request) {
            HttpVersion version = request.protocolVersion();
            if (version.majorVersion() != 1) {
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
                // Micronaut has no error body, and no other status than 400, for HEAD.
                request.setMethod(HttpMethod.GET);
                reject(request, HttpStatus.HTTP_VERSION_NOT_SUPPORTED);
                return;
            }
            if (version.minorVersion() > 1) {
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
            }
            HttpHeaders headers = request.headers();
            List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
            boolean validHost =
                    hosts.isEmpty()
                            ? version.minorVersion() == 0
                            : hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
            // Another coding than chunked leaves the end of the body unknown.
            String coding = String.join(",", headers.getAll(HttpHeaderNames.TRANSFER_ENCODING));
            if (!validHost || !(coding.isEmpty() || coding.equalsIgnoreCase("chunked"))) {
                reject(request, HttpStatus.BAD_REQUEST);
            }
        }

        private static void reject(HttpRequest request, HttpStatus status) {
            request.setDecoderResult(
                    DecoderResult.failure(RejectedRequestException.closing(status)));
        }

        /** The status of the response (NettyRequestLifecycle.handleNormal, JsonErrorProcessor). */
        private static HttpStatus status(Throwable cause) {
            if (cause instanceof RejectedRequestException rejection) {
                return rejection.getStatus();
            }
            return cause instanceof TooLongFrameException
                    ? HttpStatus.REQUEST_ENTITY_TOO_LARGE
                    : HttpStatus.BAD_REQUEST;
        }
    }
}
