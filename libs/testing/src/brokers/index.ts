export { type BrokerNode, type OtherBroker } from './broker-node.js';
export { hasMosquitto, startMosquitto } from './mosquitto.js';
export { hasNats, startNatsCluster } from './nats.js';
