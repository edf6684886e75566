export { freePort, type BrokerNode, type OtherBroker } from './broker-node.js';
export { startEjabberdCluster } from './ejabberd.js';
export { hasMosquitto, startMosquitto } from './mosquitto.js';
